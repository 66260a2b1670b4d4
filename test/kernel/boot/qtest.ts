import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/**
 * QEMU without a processor that runs: its devices answer accesses that come over the qtest protocol (QEMU, docs/devel/testing,
 * "QTest Device Emulation Testing Framework").
 */
export class Qtest {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #waiting: ((line: string | null) => void)[] = [];
  #said = '';

  constructor(options: readonly string[]) {
    const fixed = ['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'q35', '-m', '128M'];
    this.#process = spawn('qemu-system-x86_64', [...fixed, '-S', '-qtest', 'stdio', ...options]);
    this.#process.stderr.on('data', (data: Buffer) => {
      this.#said += data.toString();
    });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#lines.on('line', (line) => {
      if (/^(OK|ERR|FAIL)/.test(line)) this.#waiting.shift()?.(line);
    });
    this.#process.on('close', () => {
      for (const one of this.#waiting.splice(0)) one(null);
    });
    this.#process.stdin.on('error', () => {});
  }

  async #ask(command: string): Promise<string> {
    const line = await new Promise<string | null>((done) => {
      this.#waiting.push(done);
      if (this.#process.exitCode !== null) done(null);
      else this.#process.stdin.write(`${command}\n`);
    });
    if (line === null || !line.startsWith('OK')) throw new Error(`QEMU: ${command}: ${line ?? this.#said}`);
    return line.slice(3);
  }

  /** Reads 32 bits of configuration space by mechanism 1. */
  async read(bus: number, device: number, fn: number, register: number): Promise<number> {
    await this.#ask(`outl 0xcf8 ${at(bus, device, fn, register)}`);
    return Number(await this.#ask('inl 0xcfc'));
  }

  async write(bus: number, device: number, fn: number, register: number, value: number): Promise<void> {
    await this.#ask(`outl 0xcf8 ${at(bus, device, fn, register)}`);
    await this.#ask(`outl 0xcfc 0x${value.toString(16)}`);
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

const at = (bus: number, device: number, fn: number, register: number): string =>
  `0x${(0x80000000 + bus * 0x10000 + device * 0x800 + fn * 0x100 + (register & 0xfc)).toString(16)}`;
