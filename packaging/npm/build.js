#!/usr/bin/env node
// Builds the npm packages: `build.js OUT PLATFORM-ARCH=BINARY...`, such as `linux-x64=target/release/archlint`.
// One package for each platform, and `archlint`, which depends on them optionally; none runs anything on install.
// Linux binaries are to be static (musl), so that one serves every distribution.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const [out, ...binaries] = process.argv.slice(2);
if (!out || binaries.length === 0) {
  console.error('usage: build.js OUT PLATFORM-ARCH=BINARY...');
  process.exit(2);
}
const root = path.join(__dirname, '..', '..');
const version = /^version = "([^"]+)"/m.exec(fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))[1];
const common = { version, description: 'Architecture linter for microservice estates', license: 'MIT OR Apache-2.0' };

function write(name, manifest, file, from) {
  const folder = path.join(out, name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ name, ...common, ...manifest }, null, 2)}\n`);
  fs.copyFileSync(from, path.join(folder, file));
  fs.chmodSync(path.join(folder, file), 0o755);
  for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) fs.copyFileSync(path.join(root, licence), path.join(folder, licence));
}

const optionalDependencies = {};
for (const pair of binaries) {
  const [, os, cpu, binary] = /^([a-z0-9]+)-([a-z0-9]+)=(.+)$/.exec(pair) ?? [];
  if (!binary) {
    console.error(`"${pair}" is not PLATFORM-ARCH=BINARY`);
    process.exit(2);
  }
  const name = `archlint-${os}-${cpu}`;
  write(name, { os: [os], cpu: [cpu] }, os === 'win32' ? 'archlint.exe' : 'archlint', binary);
  optionalDependencies[name] = version;
}
const shim = path.join(__dirname, 'archlint.js');
write('archlint', { bin: { archlint: 'archlint.js' }, engines: { node: '>=16' }, optionalDependencies }, 'archlint.js', shim);
fs.copyFileSync(path.join(root, 'README.md'), path.join(out, 'archlint', 'README.md'));
// For editors: `# yaml-language-server: $schema=node_modules/archlint/config.schema.json`.
fs.copyFileSync(path.join(root, 'docs', 'schemas', 'config.schema.json'), path.join(out, 'archlint', 'config.schema.json'));
