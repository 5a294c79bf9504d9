### Adolygiadau: staff sy’n labelu atebion.

staff-reviews-title = Adolygiadau
reviews-text = Mae pobl yn labelu atebion yma, heb wybod beth a’u rhoddodd, sut y cawsant eu sgorio na beth mae eraill yn ei ddweud amdanynt.
reviews-none = Nid oes adolygiad eto. Pwy bynnag sy’n rhedeg y gwasanaeth sy’n gwneud un:
column-review = Adolygiad
column-state = Cyflwr
review-question = Beth a ofynnir
review-open = Ar agor
review-closed = Ar gau
review-given = Labeli a roddwyd
review-agreement = Cytundeb
review-agreement-hidden = Fe’i dangosir pan fydd pob label wedi’i roi, neu’r adolygiad wedi’i gau
review-agreement-none = Nid oes gan yr un ateb ddau label eto
review-agreement-both = Atebion â dau label neu fwy
review-agreement-share = Pob label yr un fath, fel cyfran
review-agreement-kappa = Kappa Cohen
review-agreement-alpha = Alffa Krippendorff
review-agreement-text = Mewn cromfachau mae’r cyfwng sy’n cynnwys y ffigur mewn 95 o bob 100 achos. 1 yw cytundeb llawn; mae kappa ac alffa yn 0 lle mae pobl yn cytuno fel petai ar hap.
review-notice = Ni chadwyd eich label
review-late = Buoch yn dal yr ateb am fwy na hanner awr, ac mae eraill wedi’i labelu ers hynny.
review-settled = Mae rhywun wedi penderfynu ar yr ateb hwn, felly ni ellir newid ei labeli mwyach.
review-closed-at = Caewyd yr adolygiad hwn: { $moment } (UTC).
review-next = Labelu’r ateb nesaf
review-nothing-left = Does dim ar ôl i chi ei labelu.
review-to-settle = { $count ->
    [one] Mae dau berson yn anghytuno ar 1 ateb. Gallwch chi benderfynu.
    [two] Mae dau berson yn anghytuno ar 2 ateb. Gallwch chi benderfynu.
   *[other] Mae dau berson yn anghytuno ar { $count } ateb. Gallwch chi benderfynu.
  }
review-settle = Penderfynu ar y nesaf
review-progress = Pa mor bell y mae wedi dod
review-drawn = Atebion i’w labelu
review-people = Pobl sydd wedi labelu
review-skipped = Y troeon na allai rhywun ddweud
review-unsettled = Atebion y mae pobl yn anghytuno arnynt
review-mine = Eich labeli
review-mine-none = Nid ydych wedi labelu dim eto.
review-all = Pob adolygiad
review-number = Ateb { $number }
review-earlier = Gofynnwyd o’r blaen
review-answer = Ateb
review-answer-a = Ateb A
review-answer-b = Ateb B
review-cites = Beth mae’n ei ddyfynnu
review-others = Beth ddywedodd eraill
review-a-better = Mae A yn well
review-b-better = Mae B yn well
review-same = Nid yw’r naill na’r llall yn well
review-or = neu
review-cannot-tell = Ni allaf ddweud
review-note = Pam
review-note-hint = Mae ei angen lle na allwch ddweud. Peidiwch ag ysgrifennu manylion personol: cânt eu cuddio.
review-note-missing = Dywedwch pam na allwch ddweud
review-note-long = Byrhewch y rheswm i { $limit } nod neu lai
review-choice-missing = Dewiswch beth rydych chi’n ei ddweud am yr ateb
review-save = Cadw a mynd ymlaen
review-pages = Tudalennau a ddyfynnir
review-back = Yn ôl i’r adolygiad, i newid label neu i orffen
