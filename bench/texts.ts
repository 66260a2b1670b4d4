/** A server description of about `lines` lines: switches with GPUs, drives and NICs, then transfers over them. */
export function machineText(lines: number): string {
  const result: string[] = ['machine bench {', '  linux {', '    iommu passthrough', '  }'];
  const names: string[] = [];
  // Seven tenths of the lines describe the machine, the rest its work.
  for (let socket = 0; result.length < lines * 0.7; socket++) {
    result.push(`  socket cpu${socket} {`, '    memory 384 GiB at 200 GB/s');
    for (let port = 0; port < 4 && result.length < lines * 0.7; port++) {
      const at = `${socket}x${port}`;
      result.push(
        `    root-port rp${at} gen5 x16 {`,
        `      switch sw${at} {`,
        '        link gen5 x16',
        '        acs off',
        '        // two accelerators and a drive',
        `        port a${at} gen4 x16 {`,
        `          gpu gpu${at}a : a100-pcie-80gb`,
        '        }',
        `        port b${at} gen4 x16 {`,
        `          gpu gpu${at}b : a100-pcie-80gb`,
        '        }',
        `        port c${at} gen4 x4 {`,
        `          nvme ssd${at} : pm9a3 {`,
        '            queue-pairs 64',
        '          }',
        '        }',
        '      }',
        '    }',
      );
      names.push(at);
    }
    result.push('  }');
  }
  result.push('}');
  for (let index = 0; result.length < lines - 4; index++) {
    const at = names[index % names.length];
    result.push(`transfer t${index} from ssd${at} to gpu${at}a {`, '  size 4 GiB', '  expect bandwidth > 1 GB/s', '}');
  }
  while (result.length < lines) result.push(`// ${result.length}`);
  return `${result.join('\n')}\n`;
}

/** A Prisma schema of about `lines` lines: models with fields and relations. */
export function schemaText(lines: number): string {
  const result = [
    'datasource db {',
    '  provider = "postgresql"',
    '}',
    'generator client {',
    '  provider = "prisma-client-js"',
    '  output = "./client"',
    '}',
  ];
  for (let index = 0; result.length < lines - 18; index++) {
    const other = index > 0 ? index - 1 : 0;
    result.push(
      `model Model${index} {`,
      '  id        Int      @id @default(autoincrement())',
      '  createdAt DateTime @default(now())',
      '  name      String   @unique',
      '  note      String?',
      '  count     Int      @default(0)',
      '  price     Float?',
      '  isActive  Boolean  @default(true)',
      '  data      Json?',
      `  nextId    Int?`,
      `  previous  Model${other}? @relation("r${index}", fields: [nextId], references: [id])`,
      `  followers Model${index + 1}[] @relation("r${index + 1}")`,
      '  tags      String[]',
      '  // one more',
      '  @@index([createdAt])',
      '}',
      '',
    );
  }
  const models = result.filter((line) => line.startsWith('model ')).length;
  result.push(
    `model Model${models} {`,
    '  id       Int  @id',
    '  nextId   Int?',
    `  previous Model${models - 1}? @relation("r${models}", fields: [nextId], references: [id])`,
    '}',
  );
  return `${result.join('\n')}\n`;
}
