// Renders image definitions by the SDK: reads a JSON list of lists of method calls from
// standard input and writes the Dockerfile and the local files of each.
import { Image } from '@daytonaio/sdk'
import { readFileSync, writeFileSync } from 'node:fs'

const images = JSON.parse(readFileSync(0, 'utf8')).map((calls) => {
  let image = Image
  for (const { method, args } of calls) {
    image = image[method](...args)
  }
  return { dockerfile: image.dockerfile, contexts: image.contextList.map((c) => c.archivePath) }
})
writeFileSync(1, JSON.stringify(images))
