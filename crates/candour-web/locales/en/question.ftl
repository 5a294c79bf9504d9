### The question page and its form.

question-title = Ask a question
question-intro = Ask in your own words. You get an answer from the guidance that { $body } has published, with links to the pages it comes from.
question-nothing-yet = This service has no guidance to answer from yet. Please come back later.
disclosure-title = Answers are made by a computer, not by a person
disclosure-text = The computer looks through the published guidance of { $body } and quotes what fits your question. It can be wrong or miss something that matters to you. Check the pages it quotes before you act.
disclosure-text-model = The computer looks through the published guidance of { $body }, and a language model may write the answer from what fits your question. It can be wrong or miss something that matters to you. Check the pages it comes from before you act.
disclosure-human = If you would rather talk to a person
question-label = What do you want to know?
question-next-label = Ask another question
question-hint = Do not include personal details such as names, addresses, dates of birth or reference numbers.
question-limit = { $limit ->
    [one] You can enter up to { $limit } character
   *[other] You can enter up to { $limit } characters
}
question-send = Get an answer
question-empty = Enter a question
question-too-long = Your question must be { $limit } characters or fewer
question-data = Your questions are kept for a limited time, with personal details masked.
question-data-link = How we use what you type
nation-label = Where do you live?
nation-hint = Rules can differ between the nations of the UK.
as-before = The same as before
nation-unsure = I am not sure
nation-assumed = If you do not choose, answers are for { $nation }.
role-label = Are you asking for yourself or for your work?
role-hint = Some of this guidance is written for certain readers only. If you do not choose, we go by what you chose before, or by the words of your question.
role-any = I am not sure
examples-title = Questions you could ask
live-title = Your answer
live-working = Looking through the guidance…
live-done = The answer is ready.
count-under-one = You have %{ "{" }count{ "}" } character remaining
count-under-two = You have %{ "{" }count{ "}" } characters remaining
count-under-few = You have %{ "{" }count{ "}" } characters remaining
count-under-many = You have %{ "{" }count{ "}" } characters remaining
count-under-other = You have %{ "{" }count{ "}" } characters remaining
count-at = You have 0 characters remaining
count-over-one = You have %{ "{" }count{ "}" } character too many
count-over-two = You have %{ "{" }count{ "}" } characters too many
count-over-few = You have %{ "{" }count{ "}" } characters too many
count-over-many = You have %{ "{" }count{ "}" } characters too many
count-over-other = You have %{ "{" }count{ "}" } characters too many
