#!/bin/sh
# yaml-language-server shows no message of a "not", and offers the title of the schema as a list item.
#
# Expected:    a refused value shows the errorMessage of the schema that refuses it, as for "pattern"; completion after "- "
#              offers the keys of the item, with "required" as well as with alternatives of it.
# Behaviour:   for "not" the message is always "Matches a schema that is not allowed.", and errorMessage is ignored. If the
#              items have "required", completion also offers "object(ROOT)", with the title of the whole schema, as if it were
#              a value. It does not if "required" is in alternatives.
# Version:     yaml-language-server 2.0.0.
# Consequence: a schema for editors expresses what is refused as a pattern with a negative lookahead, and required keys of
#              items as alternatives.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund yaml-language-server@2.0.0
cat > schema.json <<'SCHEMA'
{
  "title": "ROOT",
  "type": "object",
  "properties": {
    "either": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
      "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
    "plain": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]}},
    "not": {"type": "string", "not": {"pattern": "^/etc"}, "errorMessage": "SENTENCE"},
    "pattern": {"type": "string", "pattern": "^(?!/etc)", "errorMessage": "SENTENCE"}
  }
}
SCHEMA
cat > client.mjs <<'CLIENT'
import { spawn } from 'node:child_process'
const settings = { schemas: { ['file://' + process.cwd() + '/schema.json']: '*.yaml' }, validate: true, completion: true, schemaStore: { enable: false } }
const server = spawn(process.execPath, ['node_modules/yaml-language-server/bin/yaml-language-server', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
const waiting = new Map()
let id = 0, input = Buffer.alloc(0)
const send = message => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}
const request = (method, params) => new Promise(resolve => { waiting.set(++id, resolve); send({ id, method, params }) })
const problemsOf = uri => new Promise(resolve => waiting.set(uri, resolve))
server.stdout.on('data', data => {
  input = Buffer.concat([input, data])
  for (;;) {
    const head = input.indexOf('\r\n\r\n')
    if (head < 0) return
    const end = head + 4 + Number(/Content-Length: (\d+)/i.exec(input.subarray(0, head))[1])
    if (input.length < end) return
    const m = JSON.parse(input.subarray(head + 4, end))
    input = input.subarray(end)
    if (m.id !== undefined && m.method) send({ id: m.id, result: m.method === 'workspace/configuration' ? m.params.items.map(i => i.section === 'yaml' ? settings : null) : null })
    else if (m.id !== undefined) waiting.get(m.id)(m.result)
    else if (m.method === 'textDocument/publishDiagnostics') waiting.get(m.params.uri)?.(m.params.diagnostics)
  }
})
await request('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true }, textDocument: { completion: { completionItem: { snippetSupport: true } } } } })
send({ method: 'initialized', params: {} })
send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: settings } } })
let n = 0
const open = text => {
  const uri = `file:///${++n}.yaml`
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
  return uri
}
for (const key of ['not', 'pattern']) {
  const uri = `file:///${n + 1}.yaml`
  const problems = problemsOf(uri)
  open(`${key}: /etc\n`)
  console.log(`${key}:`, (await problems).map(p => p.message).join('; '))
}
for (const key of ['either', 'plain']) {
  const answer = await request('textDocument/completion', { textDocument: { uri: open(`${key}:\n  - \n`) }, position: { line: 1, character: 4 } })
  console.log(`${key}:`, (answer.items ?? answer).map(i => i.label).sort().join(' '))
}
process.exit(0)
CLIENT
node client.mjs | tee got
diff - got <<'WANT'
not: Matches a schema that is not allowed.
pattern: SENTENCE
either: a b
plain: a b object(ROOT)
WANT
