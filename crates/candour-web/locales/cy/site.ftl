### Ffrâm pob tudalen, a geiriau y mae sawl tudalen yn eu rhannu.

skip = Neidio i’r prif gynnwys
service-information = Gwybodaeth am y gwasanaeth
menu = Dewislen
languages = Iaith
phase = Peilot
phase-text = Mae hwn yn wasanaeth newydd. Cyfrifiadur sy’n llunio’r atebion, a gallant fod yn anghywir.
phase-link = Sut mae’n gweithio
error-prefix = Gwall:
error-summary = Mae problem
warning = Rhybudd
nav-ask = Gofyn cwestiwn
nav-conversation = Eich cwestiynau
nav-about = Sut mae’n gweithio
footer-title = Dolenni cymorth
footer-privacy = Preifatrwydd
footer-cookies = Cwcis
footer-accessibility = Hygyrchedd
footer-licences = Trwyddedau meddalwedd
footer-run-by = { $body } sy’n rhedeg y gwasanaeth hwn.
footer-licence = Canllawiau a ddyfynnir: { $licence }.
human-title = Siarad â pherson
human-intro = Does dim rhaid i chi ddefnyddio’r gwasanaeth hwn. Gall pobl ateb hefyd.
contact-phone = Ffôn
contact-email = E-bost
contact-online = Ar-lein
contact-more = Pobl eraill a all helpu
contact-none = Cysylltwch â’r sefydliad, { $body }, yn y ffordd arferol. Nid oes neb wedi ychwanegu manylion cyswllt at y gwasanaeth hwn eto.
back-conversation = Mynd i’ch cwestiynau a’ch atebion
days = { $count ->
    [zero] { $count } diwrnod
    [one] { $count } diwrnod
    [two] { $count } ddiwrnod
    [few] { $count } diwrnod
    [many] { $count } diwrnod
   *[other] { $count } diwrnod
}
nation-england = Lloegr
nation-scotland = Yr Alban
nation-wales = Cymru
nation-northern-ireland = Gogledd Iwerddon
role-individual = Drosof fy hun neu dros fy nheulu
role-business = Ar gyfer busnes, fel cyflogwr neu’n hunangyflogedig
role-professional = I gynghori eraill neu gymhwyso’r rheolau yn fy ngwaith
audience-individuals = pobl yn eu bywydau eu hunain, fel preswylwyr a gweithwyr
audience-businesses = busnesau, cyflogwyr a phobl hunangyflogedig
audience-professionals = pobl sy’n cynghori eraill neu’n cymhwyso’r rheolau yn eu gwaith
month-1 = Ionawr
month-2 = Chwefror
month-3 = Mawrth
month-4 = Ebrill
month-5 = Mai
month-6 = Mehefin
month-7 = Gorffennaf
month-8 = Awst
month-9 = Medi
month-10 = Hydref
month-11 = Tachwedd
month-12 = Rhagfyr
