#!/usr/bin/env node
// Runs the archlint of this platform's package, which npm installed as an optional dependency.
'use strict';
const { spawnSync } = require('node:child_process');
const { constants } = require('node:os');

function find() {
  if (process.env.ARCHLINT_BINARY) return process.env.ARCHLINT_BINARY;
  const file = process.platform === 'win32' ? 'archlint.exe' : 'archlint';
  const name = `archlint-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    console.error(`archlint: error: the package ${name} is not installed`);
    console.error('  help: install without --omit=optional, or name a binary in ARCHLINT_BINARY');
    process.exit(2);
  }
}

const done = spawnSync(find(), process.argv.slice(2), { stdio: 'inherit' });
if (done.error) {
  console.error(`archlint: error: ${done.error.message}`);
  process.exit(2);
}
process.exit(done.signal ? 128 + constants.signals[done.signal] : done.status);
