### Y dudalen gwestiynau a’i ffurflen.

question-title = Gofyn cwestiwn
question-intro = Gofynnwch yn eich geiriau eich hun. Cewch ateb o’r canllawiau y mae { $body } wedi’u cyhoeddi, gyda dolenni i’r tudalennau y daw ohonynt.
question-nothing-yet = Nid oes gan y gwasanaeth hwn ganllawiau i ateb ohonynt eto. Dewch yn ôl yn nes ymlaen.
disclosure-title = Cyfrifiadur sy’n llunio’r atebion, nid person
disclosure-text = Mae’r cyfrifiadur yn chwilio drwy ganllawiau cyhoeddedig { $body } ac yn dyfynnu’r hyn sy’n gweddu i’ch cwestiwn. Gall fod yn anghywir, neu golli rhywbeth sy’n bwysig i chi. Edrychwch ar y tudalennau y mae’n eu dyfynnu cyn i chi weithredu.
disclosure-text-model = Mae’r cyfrifiadur yn chwilio drwy ganllawiau cyhoeddedig { $body }, a gall model iaith ysgrifennu’r ateb o’r hyn sy’n gweddu i’ch cwestiwn. Gall fod yn anghywir, neu golli rhywbeth sy’n bwysig i chi. Edrychwch ar y tudalennau y daw ohonynt cyn i chi weithredu.
disclosure-human = Os byddai’n well gennych siarad â pherson
question-label = Beth hoffech chi ei wybod?
question-next-label = Gofyn cwestiwn arall
question-hint = Peidiwch â chynnwys manylion personol fel enwau, cyfeiriadau, dyddiadau geni neu gyfeirnodau.
question-limit = { $limit ->
    [zero] Gallwch nodi hyd at { $limit } nod
    [one] Gallwch nodi hyd at { $limit } nod
    [two] Gallwch nodi hyd at { $limit } nod
    [few] Gallwch nodi hyd at { $limit } nod
    [many] Gallwch nodi hyd at { $limit } nod
   *[other] Gallwch nodi hyd at { $limit } nod
}
question-send = Cael ateb
question-empty = Rhowch gwestiwn
question-too-long = Rhaid i’ch cwestiwn fod yn { $limit } nod neu lai
question-data = Cedwir eich cwestiynau am gyfnod cyfyngedig, gyda manylion personol wedi’u cuddio.
question-data-link = Sut rydym yn defnyddio’r hyn rydych yn ei deipio
nation-label = Ble ydych chi’n byw?
nation-hint = Gall y rheolau amrywio rhwng gwledydd y DU.
as-before = Yr un fath ag o’r blaen
nation-unsure = Dydw i ddim yn siŵr
nation-assumed = Os na ddewiswch, bydd yr atebion ar gyfer { $nation }.
role-label = Ydych chi’n gofyn ar eich rhan eich hun neu ar gyfer eich gwaith?
role-hint = Mae rhai o’r canllawiau hyn wedi’u hysgrifennu ar gyfer darllenwyr penodol yn unig. Os na ddewiswch, byddwn yn dilyn eich dewis blaenorol, neu eiriau eich cwestiwn.
role-any = Dydw i ddim yn siŵr
examples-title = Cwestiynau y gallech eu gofyn
live-title = Eich ateb
live-working = Yn chwilio drwy’r canllawiau…
live-done = Mae’r ateb yn barod.
count-under-one = Mae gennych %{ "{" }count{ "}" } nod ar ôl
count-under-two = Mae gennych %{ "{" }count{ "}" } nod ar ôl
count-under-few = Mae gennych %{ "{" }count{ "}" } nod ar ôl
count-under-many = Mae gennych %{ "{" }count{ "}" } nod ar ôl
count-under-other = Mae gennych %{ "{" }count{ "}" } nod ar ôl
count-at = Mae gennych 0 nod ar ôl
count-over-one = Mae gennych %{ "{" }count{ "}" } nod yn ormod
count-over-two = Mae gennych %{ "{" }count{ "}" } nod yn ormod
count-over-few = Mae gennych %{ "{" }count{ "}" } nod yn ormod
count-over-many = Mae gennych %{ "{" }count{ "}" } nod yn ormod
count-over-other = Mae gennych %{ "{" }count{ "}" } nod yn ormod
