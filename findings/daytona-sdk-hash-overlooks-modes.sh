#!/bin/sh
# Daytona's TypeScript SDK does not upload a context again after chmod +x, but does so for ./app instead of app.
#
# Expected:    the hash that names a context changes with what the tar holds, and with nothing else.
# Behaviour:   the MD5 is over names and contents. Modes and symbolic links are in the tar and not in the hash: after
#              chmod +x, or with a link to another path, the SDK finds the old object and uploads nothing. The spelling of
#              the path counts, although the tar is the same.
# Version:     npm @daytonaio/sdk 0.218.0.
# Consequence: "permission denied" stays in an image after its reason was corrected, until a byte of some file changes.
#              fleet's hash covers modes and links, and a path is cleaned before it is hashed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund @daytonaio/sdk@0.218.0
cat > upload.js <<'JS'
const fs = require('fs')
const http = require('http')
const path = require('path')
const { ObjectStorage } = require(path.join(__dirname, 'node_modules/@daytonaio/sdk/cjs/ObjectStorage.js'))

// A storage that knows how to list a prefix and to keep an object.
const objects = new Map()
const server = http.createServer((request, response) => {
  const body = []
  request.on('data', (chunk) => body.push(chunk)).on('end', () => {
    const url = new URL(request.url, 'http://storage')
    if (request.method === 'PUT') {
      objects.set(url.pathname, Buffer.concat(body))
      return response.setHeader('etag', '"e"').end()
    }
    const found = [...objects.keys()].filter((key) => key.startsWith('/bucket/' + url.searchParams.get('prefix')))
    const contents = found.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')
    response.setHeader('content-type', 'application/xml').end(`<ListBucketResult>${contents}</ListBucketResult>`)
  })
})

async function main() {
  const storage = new ObjectStorage({
    endpointUrl: `http://127.0.0.1:${server.address().port}`,
    accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c', bucketName: 'bucket', region: 'us-east-1',
  })
  const upload = async (what, source) => {
    const before = objects.size
    await storage.upload(source, 'organisation', source)
    console.log(`${what.padEnd(24)} ${objects.size > before ? 'uploaded' : 'not uploaded'}`)
  }
  fs.mkdirSync('app')
  fs.writeFileSync('app/run', 'echo', { mode: 0o644 })
  fs.symlinkSync('run', 'app/current')
  await upload('first', 'app')
  fs.chmodSync('app/run', 0o755)
  await upload('chmod +x', 'app')
  fs.unlinkSync('app/current')
  fs.symlinkSync('/usr/bin/run', 'app/current')
  await upload('link to another path', 'app')
  fs.writeFileSync('app/run', 'echo 2', { mode: 0o755 })
  await upload('another content', 'app')
  await upload('the same as ./app', './app')
}
server.listen(0, '127.0.0.1', () => main().finally(() => server.close().closeAllConnections()))
JS
node upload.js 2> /dev/null | tee got
diff - got <<'WANT'
first                    uploaded
chmod +x                 not uploaded
link to another path     not uploaded
another content          uploaded
the same as ./app        uploaded
WANT
