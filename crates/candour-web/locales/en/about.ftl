### How it works.

about-title = How it works
about-what = This service answers questions about the guidance that { $body } has published. A computer makes the answers. No person reads your question before you see the answer.
about-steps-title = How an answer is made
about-step-1 = Personal details in your question are masked.
about-step-2 = The computer searches the published guidance for passages that fit your question and the nation you live in.
about-step-3 = It quotes the sentences that fit best, word for word.
about-step-3-model = A language model writes an answer from them, or the computer quotes them where the model is switched off or fails. The model is told to use nothing else and to say which passage each sentence comes from.
about-step-4 = Each sentence is compared with the page it comes from. A sentence that does not agree with its page is left out.
about-quotes = Each sentence has a number that leads to its source, so that you can check it.
about-wrong-title = What can go wrong
about-wrong-1 = The computer can misunderstand a question and quote a page about something else.
about-wrong-2 = It can quote a rule and miss an exception that applies to you.
about-wrong-2-model = It can leave out something that matters to you, or put it in words that say something slightly different.
about-wrong-3 = The guidance itself can be out of date. Each source says when it was last updated.
about-wrong-4 = It knows nothing about you, your case or your account.
about-decide-title = No decision is made about you
about-decide = Answers are general information. They are not advice, and { $body } does not use them to decide anything about you.
about-who-title = Who is responsible
about-who = { $body } runs this service and is responsible for its answers. People there can help you and take complaints.
about-open-title = The software
about-open = The service is built with Candour, which is open source: anyone can read how it works.
