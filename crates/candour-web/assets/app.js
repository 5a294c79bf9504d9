// Makes the pages quicker where scripts run. Every page works without this file.

import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

for (const button of document.querySelectorAll('[data-app-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

for (const form of document.querySelectorAll('form[data-app-ask]')) {
  form.addEventListener('submit', (event) => ask(event, form))
}

// A page that comes back from the browser's memory may be asked from again.
window.addEventListener('pageshow', () => {
  for (const live of document.querySelectorAll('[data-app-live]')) live.hidden = true
  for (const form of document.querySelectorAll('form[data-busy]')) delete form.dataset.busy
})

/** Asks by stream; on any failure the form is sent as if there were no script. */
async function ask (event, form) {
  const live = document.querySelector('[data-app-live]')
  if (!live || !window.ReadableStream || !window.TextDecoder) return
  event.preventDefault()
  if (form.dataset.busy) return
  form.dataset.busy = 'yes'
  const fields = new URLSearchParams(new FormData(form, event.submitter))
  show(live, form.dataset.working)
  try {
    const answer = await read(await send(form, fields), live)
    finish(answer, form, live)
  } catch {
    send_plainly(form, fields)
  }
}

async function send (form, fields) {
  const response = await fetch(`${form.action}/stream`, {
    method: 'POST', body: fields, headers: { Accept: 'text/event-stream' }
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response
}

/** Reads the events to the last one, and shows each sentence as it comes. */
async function read (response, live) {
  const sentences = live.querySelector('[data-app-live-sentences]')
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) throw new Error('the answer ended early')
    text += decoder.decode(value, { stream: true })
    const events = text.split('\n\n')
    text = events.pop()
    for (const event of events) {
      const { name, body } = parse(event)
      if (name === 'sentence') sentences.append(paragraph(body))
      if (name === 'error') throw new Error('the answer failed')
      if (name === 'done') return body
    }
  }
}

function parse (event) {
  let name = 'message'
  let data = ''
  for (const line of event.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim()
    if (line.startsWith('data:')) data += line.slice(5)
  }
  return { name, body: data ? JSON.parse(data) : {} }
}

function paragraph (sentence) {
  const element = document.createElement('p')
  element.className = 'govuk-body'
  element.textContent = (sentence.item ? '• ' : '') + sentence.text
  return element
}

function show (live, words) {
  live.querySelector('[data-app-live-sentences]').replaceChildren()
  live.querySelector('[data-app-live-status]').textContent = words
  live.hidden = false
  live.scrollIntoView({ block: 'nearest' })
}

/**
 * Puts the whole answer where the conversation is. The first page goes to the conversation, and so does
 * a page that still speaks of a mistake.
 */
function finish (answer, form, live) {
  const turns = document.querySelector('[data-app-turns]')
  if (!turns || document.querySelector('.govuk-error-summary')) {
    window.location.assign(answer.url)
    return
  }
  const template = document.createElement('template')
  template.innerHTML = answer.html
  const turn = template.content.querySelector('article')
  turns.append(template.content)
  initAll({ scope: turn })
  live.hidden = true
  live.querySelector('[data-app-live-status]').textContent = form.dataset.done
  const question = form.querySelector('textarea')
  question.value = ''
  question.dispatchEvent(new Event('input', { bubbles: true }))
  delete form.dataset.busy
  turn.querySelector('h3').focus({ preventScroll: true })
  turn.scrollIntoView({ block: 'start' })
}

/** A form of its own, because the question may stand in the button that was pressed. */
function send_plainly (form, fields) {
  const copy = document.createElement('form')
  copy.method = 'post'
  copy.action = form.action
  for (const [name, value] of fields) {
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = name
    field.value = value
    copy.append(field)
  }
  document.body.append(copy)
  copy.submit()
}
