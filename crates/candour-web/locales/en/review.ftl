### Reviews: staff who label answers.

staff-reviews-title = Reviews
reviews-text = People label answers here, without knowing what gave them, how they were scored or what others say of them.
reviews-none = There is no review yet. Whoever runs the service makes one:
column-review = Review
column-state = State
review-question = What is asked
review-open = Open
review-closed = Closed
review-given = Labels given
review-agreement = Agreement
review-agreement-hidden = Shown once every label is given, or the review is closed
review-agreement-none = No answer has two labels yet
review-agreement-both = Answers with two labels or more
review-agreement-share = All labels the same, as a share
review-agreement-kappa = Cohen’s kappa
review-agreement-alpha = Krippendorff’s alpha
review-agreement-text = In brackets is the interval that holds the figure in 95 of 100 cases. 1 is full agreement; kappa and alpha are 0 where people agree as by chance.
review-notice = Your label was not kept
review-late = You held the answer for more than half an hour, and others have labelled it since.
review-settled = Somebody has settled this answer, so its labels cannot be changed any more.
review-closed-at = This review was closed on { $moment } (UTC).
review-next = Label the next answer
review-nothing-left = There is nothing left for you to label.
review-to-settle = { $count ->
    [one] On 1 answer two people differ. You can settle it.
   *[other] On { $count } answers two people differ. You can settle them.
  }
review-settle = Settle the next
review-progress = How far it has come
review-drawn = Answers to label
review-people = People who labelled
review-skipped = Times that somebody could not tell
review-unsettled = Answers on which people differ
review-mine = Your labels
review-mine-none = You have labelled nothing yet.
review-all = All reviews
review-number = Answer { $number }
review-earlier = Asked before
review-answer = Answer
review-answer-a = Answer A
review-answer-b = Answer B
review-cites = What it cites
review-others = What others said
review-a-better = A is better
review-b-better = B is better
review-same = Neither is better
review-or = or
review-cannot-tell = I cannot tell
review-note = Why
review-note-hint = Needed where you cannot tell. Do not write personal details: they are masked.
review-note-missing = Say why you cannot tell
review-note-long = Shorten the reason to { $limit } characters or fewer
review-choice-missing = Choose what you say of the answer
review-save = Save and go on
review-pages = Pages that are quoted
review-back = Back to the review, to change a label or stop
