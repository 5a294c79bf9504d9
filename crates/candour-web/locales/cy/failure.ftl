### Tudalennau ar gyfer ceisiadau a fethodd: beth ddigwyddodd, a beth i’w wneud.

failure-again = Gallwch roi cynnig arall arni.
failure-not-found-title = Heb ddod o hyd i’r dudalen
failure-not-found = Nid oes tudalen yn y cyfeiriad hwn. Os gwnaethoch ei deipio, gwiriwch ei fod yn gywir. Os gwnaethoch ei ludo, gwiriwch eich bod wedi copïo’r cyfan.
failure-gone-title = Nid yw hwnnw yma mwyach
failure-gone = Mae’r ateb neu’r sgwrs wedi’i ddileu, neu nid yw’r cyfeiriad yn gyflawn.
failure-method-title = Ni ellir gwneud hynny yma
failure-method = Mae’r cyfeiriad yn bodoli, ond nid ar gyfer yr hyn y ceisiodd eich porwr ei wneud. Ewch yn ôl i’r ffurflen a’i hanfon eto.
failure-large-title = Rydych wedi anfon gormod
failure-large = Mae’ch cwestiwn yn llawer hirach nag y gellir ei ddarllen. Ewch yn ôl i’w gwtogi.
failure-cross-title = Ni dderbyniwyd y ffurflen
failure-cross = Mae’n ymddangos bod y ffurflen wedi’i hanfon o wefan arall. Llenwch y ffurflen ar y wefan hon yn lle hynny.
failure-many-title = Rydych wedi gofyn llawer o gwestiynau mewn amser byr
failure-many = { $seconds ->
    [zero] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
    [one] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
    [two] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
    [few] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
    [many] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
   *[other] Arhoswch am { $seconds } eiliad, yna gofynnwch eto.
}
failure-sign-in-title = Rydych wedi ceisio mewngofnodi lawer gwaith
failure-sign-in = Arhoswch funud, yna rhowch gynnig arall arni.
failure-ready-title = Nid yw’r gwasanaeth hwn yn barod eto
failure-ready = Nid oes canllawiau i ateb ohonynt eto. Dewch yn ôl yn nes ymlaen.
failure-busy-title = Mae’n ddrwg gennym, ni all y gwasanaeth ateb ar hyn o bryd
failure-busy = Nid oedd modd i ni chwilio drwy’r canllawiau na chadw’ch cwestiwn.
failure-internal-title = Mae’n ddrwg gennym, mae problem gyda’r gwasanaeth
failure-internal = Aeth rhywbeth o’i le ar ein hochr ni. Efallai na chadwyd eich cwestiwn.
failure-request-title = Nid oeddem yn deall hynny
failure-request = Ni chyrhaeddodd y ffurflen yn ôl y disgwyl. Ewch yn ôl i’r ffurflen a’i hanfon eto.
