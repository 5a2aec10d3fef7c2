// Drives the object storage of an emulator with the S3 client that Daytona's SDK uses: what
// that SDK does not do itself, and the errors. Prints "ok" at the end.

import assert from 'node:assert/strict'
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, GetObjectCommand,
  HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
} from '@aws-sdk/client-s3'

const base = process.env.EMULATOR_URL

async function emulator(method, path, body) {
  const answer = await fetch(base + '/_emulator/' + path, { method, body: body && JSON.stringify(body) })
  assert.equal(answer.status, 200)
  return answer.json()
}

async function connect() {
  const answer = await fetch(base + '/api/object-storage/push-access', { headers: { Authorization: 'Bearer sdk-test' } })
  const access = await answer.json()
  const s3 = new S3Client({
    region: access.region, endpoint: access.storageUrl, forcePathStyle: true, maxAttempts: 1,
    credentials: { accessKeyId: access.accessKey, secretAccessKey: access.secret, sessionToken: access.sessionToken },
  })
  return { s3, at: (name) => ({ Bucket: access.bucket, Key: `${access.organizationId}/${name}/context.tar` }), access }
}

const { s3, at, access } = await connect()
const refused = (name, command) => assert.rejects(() => s3.send(command), (e) => {
  assert.equal(e.name, name)
  return true
})

// An upload in parts.
const part = Buffer.alloc(5 << 20, 'a')
const begin = async (name) => (await s3.send(new CreateMultipartUploadCommand(at(name)))).UploadId
const upload = async (name, UploadId, PartNumber, Body) =>
  ({ PartNumber, ETag: (await s3.send(new UploadPartCommand({ ...at(name), UploadId, PartNumber, Body }))).ETag })
const complete = (name, UploadId, ...Parts) => new CompleteMultipartUploadCommand({ ...at(name), UploadId, MultipartUpload: { Parts } })

let id = await begin('parts')
const [first, last, small] = [await upload('parts', id, 1, part), await upload('parts', id, 3, 'end'), await upload('parts', id, 2, 'x')]
await refused('EntityTooSmall', complete('parts', id, first, small, last))
await refused('InvalidPartOrder', complete('parts', id, last, first))
await refused('InvalidPart', complete('parts', id, first, { ...last, ETag: '"0"' }))
assert.match((await s3.send(complete('parts', id, first, last))).ETag, /-2"$/)
await refused('NoSuchUpload', complete('parts', id, first, last))
const whole = await (await s3.send(new GetObjectCommand(at('parts')))).Body.transformToByteArray()
assert.equal(whole.length, part.length + 3)
assert.equal(Buffer.from(whole.subarray(-4)).toString(), 'aend')

// Nothing is left of an aborted upload.
id = await begin('aborted')
await upload('aborted', id, 1, part)
await s3.send(new AbortMultipartUploadCommand({ ...at('aborted'), UploadId: id }))
await refused('NoSuchUpload', new UploadPartCommand({ ...at('aborted'), UploadId: id, PartNumber: 1, Body: 'x' }))
assert.equal((await emulator('GET', 'objects')).uploads, 0)

// Single requests, and what is refused.
await s3.send(new PutObjectCommand({ ...at('small'), Body: 'hello' }))
assert.equal((await s3.send(new HeadObjectCommand(at('small')))).ContentLength, 5)
const listed = await s3.send(new ListObjectsV2Command({ Bucket: access.bucket, Prefix: access.organizationId + '/' }))
assert.deepEqual(listed.Contents.map((o) => o.Size), [part.length + 3, 5])
await refused('NotFound', new HeadObjectCommand(at('missing')))
await refused('NoSuchKey', new GetObjectCommand(at('missing')))
await refused('AccessDenied', new PutObjectCommand({ Bucket: access.bucket, Key: 'another/h/context.tar', Body: 'x' }))
await refused('NoSuchBucket', new PutObjectCommand({ ...at('h'), Bucket: 'another', Body: 'x' }))
await emulator('POST', 'faults', { kind: 'status', status: 503, method: 'PUT', path: '/s3', count: 1 })
await refused('SlowDown', new PutObjectCommand({ ...at('h'), Body: 'x' }))
await emulator('POST', 'clock', { advance: '1h' })
await refused('ExpiredToken', new PutObjectCommand({ ...at('h'), Body: 'x' }))
const renewed = await connect()
await renewed.s3.send(new PutObjectCommand({ ...renewed.at('h'), Body: 'x' }))
console.log('\nok')
