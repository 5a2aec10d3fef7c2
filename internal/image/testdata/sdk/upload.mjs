// Makes snapshots of image definitions by the SDK, one after the other: reads a JSON object
// of lists of method calls by name from standard input, and writes the names of those whose
// build failed.
import { Daytona, Image } from '@daytonaio/sdk'
import { readFileSync, writeFileSync } from 'node:fs'

const daytona = new Daytona()
const failed = []
for (const [name, calls] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  let image = Image
  for (const { method, args } of calls) {
    image = image[method](...args)
  }
  try {
    await daytona.snapshot.create({ name, image })
  } catch (e) {
    if (!/^Failed to create snapshot/.test(e.message)) throw e
    failed.push(name)
  }
}
await daytona[Symbol.asyncDispose]()
writeFileSync(1, JSON.stringify(failed))
