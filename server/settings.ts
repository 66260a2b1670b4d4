import type { ConfigurationInitializedParams, LangiumSharedCoreServices } from 'langium';
import { DefaultConfigurationProvider, Emitter, type Event } from 'langium';
import type { DidChangeConfigurationParams } from 'vscode-languageserver';
import { defaultSettings, type RuleLevel, type Settings } from './protocol.ts';

const levels: readonly RuleLevel[] = ['error', 'warning', 'information', 'hint', 'off'];

/** Settings as read, with what could not be understood. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly string[];
}

/** Reads the section `pcie` of a configuration that somebody wrote by hand: what is wrong keeps its default. */
export function readSettings(raw: unknown): ReadSettings {
  const problems: string[] = [];
  const root = record(raw);
  const rules: Record<string, RuleLevel> = {};
  for (const [code, level] of Object.entries(record(root.rules))) {
    if (levels.some((known) => known === level)) rules[code] = level as RuleLevel;
    else problems.push(`pcie.rules: '${code}' must be one of ${levels.join(', ')}.`);
  }
  const flags = <K extends string>(section: string, defaults: Readonly<Record<K, boolean>>): Record<K, boolean> => {
    const read: Record<K, boolean> = { ...defaults };
    const given = record(root[section]);
    for (const key of Object.keys(defaults) as K[]) {
      const value = given[key];
      if (typeof value === 'boolean') read[key] = value;
      else if (value !== undefined && value !== null) problems.push(`pcie.${section}.${key} must be true or false.`);
    }
    return read;
  };
  const oneOf = <W extends string>(key: string, words: readonly W[], fallback: W): W => {
    const value = record(root.simulation)[key];
    if (words.some((word) => word === value)) return value as W;
    if (value !== undefined && value !== null)
      problems.push(`pcie.simulation.${key} must be one of ${words.join(', ')}.`);
    return fallback;
  };
  const { seed } = record(root.simulation);
  const isSeed = typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0;
  if (!isSeed && seed !== undefined && seed !== null) problems.push('pcie.simulation.seed must be a whole number.');
  const { simulation, hints, lenses } = defaultSettings;
  return {
    settings: {
      rules,
      hints: flags('hints', hints),
      lenses: flags('lenses', lenses),
      simulation: {
        fidelity: oneOf('fidelity', ['ideal', 'flow', 'packet'], simulation.fidelity),
        tax: oneOf('tax', ['worst-case', 'measured'], simulation.tax),
        seed: isSeed ? seed : simulation.seed,
      },
    },
    problems,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** Langium's configuration, read into `Settings`; asks the client again when it only says that something changed. */
export class PcieConfiguration extends DefaultConfigurationProvider {
  readonly #changed = new Emitter<ReadSettings>();
  #read: ReadSettings = { settings: defaultSettings, problems: [] };
  #fetch: ConfigurationInitializedParams['fetchConfiguration'];

  // Declared so that the class can be made by the shared services alone.
  constructor(services: LangiumSharedCoreServices) {
    super(services);
  }

  get current(): Settings {
    return this.#read.settings;
  }

  /** Fires when the settings were read, at the start and after every change. */
  get onSettings(): Event<ReadSettings> {
    return this.#changed.event;
  }

  override async initialized(params: ConfigurationInitializedParams): Promise<void> {
    this.#fetch = this.workspaceConfig ? params.fetchConfiguration : undefined;
    await super.initialized(params);
  }

  override updateConfiguration(change: DidChangeConfigurationParams): void {
    const settings = record(change.settings);
    if ('pcie' in settings) {
      super.updateConfiguration(change);
      return;
    }
    this.#fetch?.([{ section: 'pcie' }]).then(
      ([section]: unknown[]) => this.updateSectionConfiguration('pcie', section),
      (error: unknown) => console.error('The settings could not be read:', error),
    );
  }

  protected override updateSectionConfiguration(section: string, configuration: unknown): void {
    super.updateSectionConfiguration(section, configuration);
    if (section !== 'pcie') return;
    this.#read = readSettings(configuration);
    this.#changed.fire(this.#read);
  }
}
