#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this file in order to refuse politely.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 12)) {
  process.stderr.write(
    'Baton needs Node 22.12 or newer, and this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '), whose interfaces its database module cannot use. ' +
      'Install a newer Node from https://nodejs.org, or, in a checkout, run "npm run -s baton -- <arguments>", which brings its own.\n',
  )
  process.exit(2)
}
require('./launch.cjs')
