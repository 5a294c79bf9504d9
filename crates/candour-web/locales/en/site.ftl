### The frame of every page, and words that several pages share.

skip = Skip to main content
service-information = Service information
menu = Menu
languages = Language
phase = Pilot
phase-text = This is a new service. A computer makes the answers, and they may be wrong.
phase-link = Find out how it works
error-prefix = Error:
error-summary = There is a problem
warning = Warning
nav-ask = Ask a question
nav-conversation = Your questions
nav-about = How it works
footer-title = Support links
footer-privacy = Privacy
footer-cookies = Cookies
footer-accessibility = Accessibility
footer-licences = Software licences
footer-run-by = Run by { $body }.
footer-licence = Quoted guidance: { $licence }.
human-title = Talk to a person
human-intro = You do not have to use this service. People can answer too.
contact-phone = Telephone
contact-email = Email
contact-online = Online
contact-more = Other people who can help
contact-none = Contact { $body } in the way you usually do. Nobody has added contact details to this service yet.
back-conversation = Go to your questions and answers
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
nation-england = England
nation-scotland = Scotland
nation-wales = Wales
nation-northern-ireland = Northern Ireland
role-individual = For myself or my family
role-business = For a business, as an employer or self-employed
role-professional = To advise others or apply the rules in my work
audience-individuals = people in their own lives, such as residents and employees
audience-businesses = businesses, employers and self-employed people
audience-professionals = people who advise others or apply the rules in their work
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
