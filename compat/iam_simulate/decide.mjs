// Each line of standard input is one simulation; each line of output is its result.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

for await (const line of createInterface({ input: process.stdin })) {
  const result = await runSimulation(JSON.parse(line), {})
  const said =
    result.resultType === 'error' ? 'error ' + JSON.stringify(result.errors) : result.overallResult
  process.stdout.write(said + '\n')
}
