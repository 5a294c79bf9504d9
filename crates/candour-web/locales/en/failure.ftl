### Pages for requests that failed: what happened, and what to do.

failure-again = You can try again.
failure-not-found-title = Page not found
failure-not-found = There is no page at this address. If you typed it, check it is correct. If you pasted it, check you copied all of it.
failure-gone-title = That is no longer here
failure-gone = The answer or conversation has been deleted, or the address is not complete.
failure-method-title = That cannot be done here
failure-method = The address exists, but not for what your browser tried to do. Go back to the form and send it again.
failure-large-title = You sent too much
failure-large = Your question is far longer than can be read. Go back and shorten it.
failure-cross-title = The form was not accepted
failure-cross = The form seems to have been sent from another website. Fill in the form on this site instead.
failure-many-title = You have asked many questions in a short time
failure-many = { $seconds ->
    [one] Please wait for { $seconds } second, then ask again.
   *[other] Please wait for { $seconds } seconds, then ask again.
}
failure-sign-in-title = You have tried to sign in many times
failure-sign-in = Wait a minute, then try again.
failure-ready-title = This service is not ready yet
failure-ready = There is no guidance to answer from yet. Please come back later.
failure-busy-title = Sorry, the service cannot answer at the moment
failure-busy = We were not able to look through the guidance or to keep your question.
failure-internal-title = Sorry, there is a problem with the service
failure-internal = Something went wrong on our side. Your question may not have been kept.
failure-request-title = We did not understand that
failure-request = The form did not arrive as expected. Go back to the form and send it again.
