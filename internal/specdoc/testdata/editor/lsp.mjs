// Asks yaml-language-server what an editor shows.
// node lsp.mjs SERVER SCHEMA <QUESTIONS >ANSWERS
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const [, , program, schema] = process.argv
const documents = JSON.parse(readFileSync(0))
const settings = { schemas: { [schema]: '*.yaml' }, validate: true, hover: true, completion: true, schemaStore: { enable: false } }
const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
const responses = new Map()
const diagnostics = new Map()
let id = 0
let input = Buffer.alloc(0)

function send(message) {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}

function request(method, params) {
  return new Promise(resolve => {
    responses.set(++id, resolve)
    send({ id, method, params })
  })
}

function receive(message) {
  if (message.id !== undefined && message.method) {
    const result = message.method === 'workspace/configuration' ? message.params.items.map(i => (i.section === 'yaml' ? settings : null)) : null
    send({ id: message.id, result })
  } else if (message.id !== undefined) {
    responses.get(message.id)(message.result)
  } else if (message.method === 'textDocument/publishDiagnostics') {
    diagnostics.get(message.params.uri)?.(message.params.diagnostics)
  }
}

server.stdout.on('data', data => {
  input = Buffer.concat([input, data])
  for (;;) {
    const head = input.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/Content-Length: (\d+)/i.exec(input.subarray(0, head))[1])
    if (input.length < head + 4 + length) return
    const message = JSON.parse(input.subarray(head + 4, head + 4 + length))
    input = input.subarray(head + 4 + length)
    receive(message)
  }
})
server.on('exit', code => process.exit(code ?? 1))

const markdown = ['markdown']
await request('initialize', {
  processId: process.pid,
  rootUri: null,
  capabilities: {
    textDocument: { completion: { completionItem: { snippetSupport: true, documentationFormat: markdown } }, hover: { contentFormat: markdown } },
    workspace: { configuration: true },
  },
})
send({ method: 'initialized', params: {} })
send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: settings } } })

const answers = []
for (const [n, document] of documents.entries()) {
  const textDocument = { uri: `file:///specs/${n}.yaml` }
  const problems = new Promise(resolve => diagnostics.set(textDocument.uri, resolve))
  send({ method: 'textDocument/didOpen', params: { textDocument: { ...textDocument, languageId: 'yaml', version: 1, text: document.text } } })
  const answer = { problems: (await problems).map(d => ({ message: d.message, source: d.source, line: d.range.start.line })), hovers: [], items: [] }
  for (const position of document.hover ?? []) {
    const hover = await request('textDocument/hover', { textDocument, position })
    answer.hovers.push(hover?.contents?.value ?? '')
  }
  if (document.complete) {
    const list = await request('textDocument/completion', { textDocument, position: document.complete })
    answer.items = list.items.map(i => ({ label: i.label, insert: i.insertText ?? i.textEdit?.newText ?? '', doc: i.documentation?.value ?? i.documentation ?? '' }))
  }
  answers.push(answer)
}
process.stdout.write(JSON.stringify(answers), () => server.kill())
server.removeAllListeners('exit')
