### Sut mae’n gweithio.

about-title = Sut mae’n gweithio
about-what = Mae’r gwasanaeth hwn yn ateb cwestiynau am y canllawiau y mae { $body } wedi’u cyhoeddi. Cyfrifiadur sy’n llunio’r atebion. Nid oes neb yn darllen eich cwestiwn cyn i chi weld yr ateb.
about-steps-title = Sut mae ateb yn cael ei lunio
about-step-1 = Caiff manylion personol yn eich cwestiwn eu cuddio.
about-step-2 = Mae’r cyfrifiadur yn chwilio’r canllawiau cyhoeddedig am ddarnau sy’n gweddu i’ch cwestiwn ac i’r wlad lle rydych yn byw.
about-step-3 = Mae’n dyfynnu’r brawddegau sy’n gweddu orau, air am air.
about-step-3-model = Mae model iaith yn ysgrifennu ateb ohonynt, neu mae’r cyfrifiadur yn eu dyfynnu lle mae’r model wedi’i ddiffodd neu’n methu. Dywedir wrth y model am ddefnyddio dim byd arall ac i ddweud o ba ddarn y daw pob brawddeg.
about-step-4 = Caiff pob brawddeg ei chymharu â’r dudalen y daw ohoni. Caiff brawddeg nad yw’n cytuno â’i thudalen ei hepgor.
about-quotes = Mae gan bob brawddeg rif sy’n arwain at ei ffynhonnell, er mwyn i chi allu ei gwirio.
about-wrong-title = Beth all fynd o’i le
about-wrong-1 = Gall y cyfrifiadur gamddeall cwestiwn a dyfynnu tudalen am rywbeth arall.
about-wrong-2 = Gall ddyfynnu rheol a cholli eithriad sy’n berthnasol i chi.
about-wrong-2-model = Gall adael allan rywbeth sy’n bwysig i chi, neu ei roi mewn geiriau sy’n dweud rhywbeth ychydig yn wahanol.
about-wrong-3 = Gall y canllawiau eu hunain fod wedi dyddio. Mae pob ffynhonnell yn dweud pryd y cafodd ei diweddaru ddiwethaf.
about-wrong-4 = Nid yw’n gwybod dim amdanoch chi, eich achos na’ch cyfrif.
about-decide-title = Ni wneir penderfyniad amdanoch
about-decide = Gwybodaeth gyffredinol yw’r atebion. Nid cyngor ydynt, ac nid yw { $body } yn eu defnyddio i benderfynu dim amdanoch.
about-who-title = Pwy sy’n gyfrifol
about-who = { $body } sy’n rhedeg y gwasanaeth hwn ac yn gyfrifol am ei atebion. Gall pobl yno eich helpu a derbyn cwynion.
about-open-title = Y feddalwedd
about-open = Adeiladwyd y gwasanaeth gyda Candour, sy’n ffynhonnell agored: gall unrhyw un ddarllen sut mae’n gweithio.
