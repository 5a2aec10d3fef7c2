// Drives a Daytona server with the official SDK, as a user's program would, and
// checks what comes back. The server is that of DAYTONA_API_URL; it must be
// empty. Prints a line for each step and "ok" at the end.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Daytona, DaytonaFileNotFoundError, DaytonaNotFoundError, Image } from '@daytonaio/sdk'

const daytona = new Daytona()

async function step(name, work) {
  const result = await work()
  console.log(name)
  return result
}

// until asks until an answer satisfies; what never does ends with the test's timeout.
async function until(ask, satisfies) {
  for (;;) {
    const answer = await ask()
    if (satisfies(answer)) return answer
    await sleep(20)
  }
}

const gone = (ask) => assert.rejects(ask, DaytonaNotFoundError)

// An image with a local file of that many bytes; above 5 MB it is uploaded in parts.
function imageWithFile(size) {
  const file = join(mkdtempSync(join(tmpdir(), 'fleet-sdk-')), 'settings.json')
  writeFileSync(file, 'x'.repeat(size))
  return Image.debianSlim('3.12').pipInstall(['numpy', 'requests>=2']).addLocalFile(file, '/app/settings.json').workdir('/app')
}

async function sandboxes() {
  const box = await step('create from the default snapshot', () =>
    daytona.create({ name: 'web', labels: { app: 'shop' }, envVars: { MODE: 'test' }, autoStopInterval: 30 }))
  assert.equal(box.state, 'started')
  assert.equal(box.name, 'web')
  assert.equal(box.labels.app, 'shop')

  await step('get by name and by id', async () => {
    for (const key of ['web', box.id]) {
      const got = await daytona.get(key)
      assert.equal(got.id, box.id)
      assert.deepEqual(got.env, { MODE: 'test' })
      assert.equal(got.autoStopInterval, 30)
    }
    await gone(() => daytona.get('nobody'))
  })
  await step('commands, logs and previews', async () => {
    const done = await box.process.executeCommand('echo hello', undefined, { TOKEN: 'x' }, 5)
    assert.equal(done.exitCode, 0)
    assert.equal(done.result, 'hello\n')
    assert.equal((await box.process.executeCommand('exit 3')).exitCode, 3)
    await assert.rejects(() => box.process.executeCommand('sleep 9', undefined, undefined, 1), /timeout/)
    assert.equal((await box.process.getEntrypointLogs()).stdout, 'ready\n')
    const { url, token } = await box.getPreviewLink(3000)
    const seen = await fetch(url + '/healthz', { headers: { 'x-daytona-preview-token': token } })
    assert.equal(seen.status, 200)
  })
  await step('files and programs', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fleet-sdk-'))
    writeFileSync(join(dir, 'local.txt'), 'from disk')
    await box.fs.uploadFile(Buffer.from('hello\r\n\0'), 'notes/hello.txt')
    await box.fs.uploadFiles([
      { source: join(dir, 'local.txt'), destination: '/app/local file.txt' },
      { source: Buffer.from(''), destination: '/app/empty' },
    ])
    assert.deepEqual(await box.fs.downloadFile('/home/daytona/notes/hello.txt'), Buffer.from('hello\r\n\0'))
    await box.fs.downloadFile('/app/local file.txt', join(dir, 'copy.txt'))
    assert.equal(readFileSync(join(dir, 'copy.txt'), 'utf8'), 'from disk')
    const [none, full] = await box.fs.downloadFiles([{ source: '/none' }, { source: 'notes/hello.txt' }])
    assert.match(none.error, /file not found: .none/)
    assert.equal(full.result.length, 8)
    await assert.rejects(() => box.fs.downloadFile('/none'), DaytonaFileNotFoundError)
    assert.equal((await box.process.codeRun('print("Hello World!")')).result, 'Hello World!\n')
    assert.equal((await box.process.codeRun('import sys\nsys.exit(3)')).exitCode, 3)
  })
  await step('what is not simulated', async () => {
    for (const [work, what] of [
      [() => box.fs.listFiles('/app'), 'GET /files'],
      [() => box.git.clone('https://example.com/a.git', '/a'), 'POST /git/clone'],
      [() => box.process.createSession('s'), 'POST /process/session'],
      [() => box.createSshAccess(60), 'POST /sandbox/{sandboxIdOrName}/ssh-access'],
    ]) {
      await assert.rejects(work, (e) => e.statusCode === 501 && e.message.includes(`does not simulate ${what};`))
    }
  })
  await step('list by label, over pages', async () => {
    const other = await daytona.create({ name: 'other', labels: { app: 'shop' } })
    const names = []
    for await (const s of daytona.list({ labels: { app: 'shop' }, limit: 1, sort: 'name', order: 'asc' })) names.push(s.name)
    assert.deepEqual(names, ['other', 'web'])
    await other.delete(60, true)
  })
  await step('set labels', async () => {
    await box.setLabels({ app: 'shop', tier: 'web' })
    assert.deepEqual((await daytona.get('web')).labels, { app: 'shop', tier: 'web' })
  })
  await step('set the intervals', async () => {
    await box.setAutostopInterval(60)
    await box.setAutoArchiveInterval(120)
    await box.setAutoDeleteInterval(-1)
    await box.refreshData()
    assert.deepEqual([box.autoStopInterval, box.autoArchiveInterval, box.autoDeleteInterval], [60, 120, -1])
  })
  await step('resize while it runs', async () => {
    await box.resize({ cpu: 2, memory: 2 })
    await box.refreshData() // an event tells the SDK the state, not the sizes
    assert.deepEqual([box.cpu, box.memory, box.disk], [2, 2, 3])
  })
  await step('stop', async () => {
    await box.stop()
    assert.equal(box.state, 'stopped')
  })
  await step('resize the disk while it is stopped', async () => {
    await box.resize({ disk: 5 })
    assert.equal((await daytona.get('web')).disk, 5)
  })
  await step('start', async () => {
    await box.start()
    assert.equal(box.state, 'started')
  })
  await step('archive', async () => {
    await box.stop()
    await box.archive()
    await until(() => daytona.get('web'), (s) => s.state === 'archived')
  })
  await step('start from the archive', async () => {
    await box.start()
    assert.equal(box.state, 'started')
  })
  await step('delete', async () => {
    await box.delete(60, true)
    await gone(() => daytona.get(box.id))
  })
}

async function images() {
  await step('create from an image with resources and a volume', async () => {
    const volume = await until(() => daytona.volume.get('data', true), (v) => v.state === 'ready')
    const box = await daytona.create(
      { image: 'debian:12', resources: { cpu: 2, memory: 4, disk: 8 }, volumes: [{ volumeId: volume.id, mountPath: '/data' }] },
      { timeout: 60 })
    assert.deepEqual([box.state, box.cpu, box.memory, box.disk], ['started', 2, 4, 8])
    assert.equal(box.volumes[0].volumeId, volume.id)
    await assert.rejects(() => daytona.volume.delete(volume), /in use/)
    await box.delete(60, true)
  })
  await step('create from an image with a large local file, with its log', async () => {
    let log = ''
    const box = await daytona.create({ image: imageWithFile(6 << 20) }, { timeout: 60, onSnapshotCreateLogs: (chunk) => { log += chunk + '\n' } })
    assert.equal(box.state, 'started')
    assert.match(log, /Step 1\/\d+ : FROM python:3.12/)
    assert.match(log, /Successfully built/)
    await box.delete(60, true)
  })
  await step('a failing build', async () => {
    const image = Image.base('debian:12').runCommands('exit 1')
    await assert.rejects(() => daytona.create({ name: 'broken', image }, { timeout: 60 }), /build_failed/)
    const broken = await daytona.get('broken')
    assert.equal(broken.state, 'build_failed')
    assert.match(broken.errorReason, /exit code: 1/)
    await broken.delete()
  })
}

async function volumes() {
  await step('volumes', async () => {
    const made = await daytona.volume.create('cache')
    const ready = await until(() => daytona.volume.get('cache'), (v) => v.state === 'ready')
    assert.equal(ready.id, made.id)
    assert.deepEqual((await daytona.volume.list()).map((v) => v.name).sort(), ['cache', 'data'])
    await daytona.volume.delete(ready)
    await until(() => daytona.volume.list(), (all) => !all.some((v) => v.name === 'cache'))
    await gone(() => daytona.volume.get('cache'))
  })
}

async function snapshots() {
  await step('snapshot of a registry image', async () => {
    const made = await daytona.snapshot.create({ name: 'plain', image: 'alpine:3.20', resources: { cpu: 2, memory: 2, disk: 4 } })
    assert.deepEqual([made.state, made.cpu, made.mem, made.disk], ['active', 2, 2, 4])
    const box = await daytona.create({ snapshot: 'plain' })
    assert.deepEqual([box.snapshot, box.cpu], ['plain', 2])
    await box.delete(60, true)
  })
  const image = imageWithFile(100)
  await step('snapshot of an image with a local file, with its log', async () => {
    const log = []
    const made = await daytona.snapshot.create({ name: 'built', image }, { onLogs: (line) => log.push(line) })
    assert.equal(made.state, 'active')
    const text = log.join('\n')
    assert.match(text, /Creating snapshot built \(pending\)/)
    assert.match(text, /Step \d\/\d : COPY .*settings.json \/app\/settings.json/)
    assert.match(text, /Successfully built/)
    assert.match(text, /Created snapshot built \(active\)/)
  })
  await step('snapshot of the same image, which is uploaded once', async () => {
    const again = await daytona.snapshot.create({ name: 'again', image })
    assert.deepEqual(again.buildInfo.contextHashes, (await daytona.snapshot.get('built')).buildInfo.contextHashes)
  })
  await step('list and delete snapshots', async () => {
    const { items } = await daytona.snapshot.list()
    const own = items.filter((s) => !s.general)
    assert.deepEqual(own.map((s) => s.name).sort(), ['again', 'built', 'plain'])
    for (const s of own) await daytona.snapshot.delete(s)
    await until(() => daytona.snapshot.list(), (all) => all.items.every((s) => s.general))
    await gone(() => daytona.snapshot.get('built'))
  })
}

await sandboxes()
await images()
await volumes()
await snapshots()
await daytona[Symbol.asyncDispose]()
console.log('ok')
