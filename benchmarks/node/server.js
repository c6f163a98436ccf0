// What an integrator would write with Node: take a POST, compare the HMAC of the exact bytes, hand
// them to Kafka and answer when it has them. Arguments: bootstrap servers, topic, secret. Prints
// one line with its port when it serves, and ends when stdin does.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { ProduceAcks, Producer } from '@platformatic/kafka'
import fastify from 'fastify'

const [bootstrap, topic, secret] = process.argv.slice(2)
const producer = new Producer({
  clientId: 'bench-fastify',
  bootstrapBrokers: [bootstrap],
  acks: ProduceAcks.ALL
})
const server = fastify()

server.removeAllContentTypeParsers()
server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body))

function isGenuine(request) {
  const expected = createHmac('sha256', secret).update(request.body).digest()
  const signature = Buffer.from(request.headers['x-curacel-signature'] ?? '', 'hex')
  return signature.length === expected.length && timingSafeEqual(signature, expected)
}

server.post('/hooks/hq-curacel', async (request, reply) => {
  if (!isGenuine(request)) {
    return reply.code(401).send({})
  }
  // A key per request, as a real one would have one per visit.
  const key = Buffer.from(request.headers['x-request-key'] ?? '')
  await producer.send({ messages: [{ topic, key, value: request.body }] })
  return {}
})

await server.listen({ host: '127.0.0.1', port: 0 })
console.log(`ready ingress=http://127.0.0.1:${server.server.address().port}`)
process.stdin.resume()
process.stdin.on('end', async () => {
  await server.close()
  await producer.close()
})
