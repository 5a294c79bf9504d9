//! Items and pages written for these tests, and what must be read from them.

use candour_core::{Locale, Nation};
use serde_json::{Value, json};

use super::*;

const SITE: &str = "https://www.aberwen.example";

fn item(schema: &str, details: &Value) -> Value {
    json!({
        "base_path": "/a", "schema_name": schema, "document_type": schema, "title": "A title", "locale": "en",
        "public_updated_at": "2026-04-01T09:30:00.000+01:00", "withdrawn_notice": {}, "details": details,
    })
}

fn read(item: &Value) -> Extraction {
    content_item(&serde_json::to_vec(item).unwrap(), SITE)
}

fn page(item: &Value) -> ExtractedPage {
    match read(item) {
        Extraction::Page(page) => *page,
        other => panic!("{other:?}"),
    }
}

/// The outline of a page as a person would note it down.
fn outline(page: &ExtractedPage) -> String {
    let mut lines = Vec::new();
    for section in &page.sections {
        let headings = section.headings.iter().map(|heading| match &heading.id {
            Some(id) => format!("{}#{id}", heading.text),
            None => heading.text.clone(),
        });
        lines.push(format!(
            "[{}] {}",
            section.url.trim_start_matches(SITE),
            headings.collect::<Vec<_>>().join(" > ")
        ));
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => {
                    lines.push(format!("  {}", text.text.replace('\n', " / ")));
                }
                Block::List(items) => lines.extend(
                    items.iter().map(|item| format!("  - {}", item.text.replace('\t', "> "))),
                ),
                Block::Table { header, rows, .. } => {
                    lines.push(format!("  = {}", header.join(" | ")));
                    lines.extend(rows.iter().map(|row| format!("  | {}", row.join(" | "))));
                }
            }
        }
    }
    lines.join("\n")
}

fn of_html(html: &str) -> String {
    outline(&page(&item("answer", &json!({ "body": html }))))
}

#[test]
fn html_becomes_sections_and_blocks() {
    insta::assert_snapshot!(of_html(
        r##"<h1>A title</h1><p>You need a <abbr title="resident parking permit">RPP</abbr>.</p>
        <h2 id="who">Who can apply</h2><p>You can apply if you are:</p>
        <ul><li>at home here</li><li>using a van that:<ul><li>is short</li><li>is <b>light</b></li></ul></li><li><p>old</p><p>enough</p></li></ul>
        <h3>Cost</h3><table><caption>Prices</caption><thead><tr><th>Car</th><th>Price</th></tr></thead>
        <tbody><tr><th rowspan="2">First</th><td>£42</td></tr><tr><td>£24<br>in winter</td></tr></tbody></table>
        <div class="call-to-action"><p>Apply <a href="/apply">online</a>.</p></div>
        <h2 id="contact">Contact</h2>
        <div class="contact"><div class="vcard"><p>Parking team</p><p class="adr"><span>1 Dock Street</span><br><span>Aberwen</span></p>
        <p>Telephone: 029 2018 0510<br>Monday to Friday</p></div></div>
        <dl><dt>Zone</dt><dd>A group of streets.</dd></dl>
        <p>Read<sup><a class="footnote" href="#fn:1">[footnote 1]</a></sup> more.</p><div class="footnotes"><p>Not read</p></div>
        <script>alert(1)</script><p hidden>Not read</p><p style="display: none">Not read</p><img src="/a.png" alt="Not read">"##
    ), @r"
    [/a] 
      You need a RPP.
    [/a] Who can apply#who
      You can apply if you are:
      - at home here
      - using a van that:
      - > is short
      - > is light
      - old; enough
    [/a] Who can apply#who > Cost
      Prices
      = Car | Price
      | First | £42
      | First | £24 in winter
      Apply online.
    [/a] Contact#contact
      = Parking team
      | 1 Dock Street, Aberwen
      | Telephone: 029 2018 0510
      | Monday to Friday
      = Zone
      | A group of streets.
      Read more.
    ");
}

#[test]
fn broken_html_keeps_its_words() {
    for (html, expected) in [
        ("<p>one<p>two<li>three", "[/a] \n  one\n  two\n  three"),
        ("plain\n\ntext & more", "[/a] \n  plain\n  text & more"),
        ("<p>a <b>b <i>c</b> d</i> e</p></div></p>", "[/a] \n  a b c d e"),
        (
            "<p>zero\u{200b}width \u{202e}bidi \u{e0041}\u{e0042}tag\u{0}</p>",
            "[/a] \n  zerowidth bidi tag",
        ),
        ("<p>a&nbsp;&nbsp;b<br/>c</p>", "[/a] \n  a b / c"),
        ("<table><tr><td>only</td></tr></table>", "[/a] \n  = \n  | only"),
        ("<h2 id='x y'>H</h2><p>a</p>", "[/a] H\n  a"),
    ] {
        assert_eq!(of_html(html), expected, "{html}");
    }
}

#[test]
fn links_keep_label_and_address_and_run_nothing() {
    let page = page(&item(
        "answer",
        &json!({ "body":
        "<p><a href='/b'>One</a> <a href='javascript:x()'>two</a> <a href='https://c.example/?a=1'>three <b>four</b></a> <a href='mailto:a@b.example'>five</a></p>" }),
    ));
    let Block::Paragraph(text) = &page.sections[0].blocks[0] else { panic!("a paragraph") };
    assert_eq!(text.text, "One two three four five");
    let links: Vec<(&str, &str)> =
        text.links.iter().map(|link| (link.label.as_str(), link.url.as_str())).collect();
    let expected = [
        ("One", "https://www.aberwen.example/b"),
        ("three four", "https://c.example/?a=1"),
        ("five", "mailto:a@b.example"),
    ];
    assert_eq!(links, expected);
}

#[test]
fn bombs_are_read_in_passing() {
    let depth = 100_000;
    for html in [
        format!("{}words{}", "<div>".repeat(depth), "</div>".repeat(depth)),
        format!("{}words", "<b a=1><p>".repeat(depth / 10)),
        format!("{}words", "<table><tr><td>".repeat(depth / 10)),
        format!("{}words", "<ul><li>".repeat(depth / 10)),
        format!("{}words", "<p><b>".repeat(depth / 10)),
        format!("<p {}>words</p>", "a=1 ".repeat(depth)),
    ] {
        assert!(of_html(&html).contains("words"), "{}", &html[..40]);
    }
    let distinct: Vec<String> =
        (0..5_000).map(|number| format!("<div><b x={number}>w</div>")).collect();
    assert!(of_html(&distinct.concat()).contains('w'));
    let nested = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(
        matches!(content_item(nested.as_bytes(), ""), Extraction::Rejected { reason, .. } if reason == "not_json")
    );
}

#[test]
fn unusable_input_is_refused_with_a_stable_reason() {
    let without = |field: &str| {
        let mut item = item("answer", &json!({ "body": "<p>Words</p>" }));
        item.as_object_mut().unwrap().remove(field);
        item.to_string()
    };
    for (bytes, expected_reason, expected_detail) in [
        ("{\"a\": 1,\n \"b\" 2}", "not_json", "byte 14"),
        ("", "not_json", "byte 0"),
        ("[1]", "not_object", "object"),
        (&without("base_path"), "missing_field:base_path", "base_path"),
        (&without("title"), "missing_field:title", "title"),
        (&without("schema_name"), "missing_field:schema_name", "schema_name"),
        (
            "{\"schema_name\": \"redirect\", \"base_path\": \"/a\"}",
            "missing_field:redirects",
            "redirects",
        ),
        ("{\"schema_name\": \"gone\"}", "missing_field:base_path", "base_path"),
    ] {
        match content_item(bytes.as_bytes(), SITE) {
            Extraction::Rejected { reason, detail, .. } => {
                assert_eq!(reason, expected_reason, "{bytes}");
                assert!(detail.contains(expected_detail), "{detail}");
            }
            other => panic!("{bytes}: {other:?}"),
        }
    }
}

#[test]
fn items_without_text_say_why() {
    let gone = json!({ "schema_name": "gone", "base_path": "/a", "title": null });
    assert_eq!(read(&gone), Extraction::Gone(PageId("/a".into())));
    let moved = json!({ "schema_name": "redirect", "base_path": "/a", "redirects": [{ "path": "/a", "type": "exact", "destination": "/b?c#d" }] });
    assert_eq!(read(&moved), Extraction::Redirect(vec![(PageId("/a".into()), "/b?c#d".into())]));
    for (item, expected) in [
        (item("answer", &json!({ "body": null })), "no_text"),
        (item("answer", &json!({ "body": " \n " })), "no_text"),
        (
            item(
                "answer",
                &json!({ "body": [{ "content_type": "text/plain", "content": "Words" }] }),
            ),
            "no_text",
        ),
        (item("taxon", &json!({ "body": "<p>Words</p>" })), "navigation_only"),
        (item("world_index", &json!({})), "navigation_only"),
        (json!({ "schema_name": "external_content", "title": "A" }), "external_link"),
    ] {
        assert!(
            matches!(read(&item), Extraction::Skipped { reason, .. } if reason == expected),
            "{item}"
        );
    }
}

#[test]
fn bodies_come_in_every_shape() {
    for body in [
        json!("<p>Some words</p>"),
        json!([{ "content_type": "text/govspeak", "content": "Other" }, { "content_type": "text/html", "content": "<p>Some words</p>" }]),
        json!([{ "content_type": "text/govspeak", "content": "$CTA\nSome [words](/b)\n$CTA" }]),
        json!("Some words"),
    ] {
        assert_eq!(
            outline(&page(&item("answer", &json!({ "body": body })))),
            "[/a] \n  Some words",
            "{body}"
        );
    }
    let unknown = item(
        "brand_new",
        &json!({ "other": { "deep": ["<p>Deep words</p>"] }, "body": "<p>Words</p>" }),
    );
    assert_eq!(outline(&page(&unknown)), "[/a] \n  Words\n[/a] \n  Deep words");
}

#[test]
fn services_guides_and_steps() {
    let guide = item(
        "guide",
        &json!({ "parts": [
            { "title": "Overview", "slug": "overview", "body": "<p>First.</p>" },
            { "title": "How to apply", "slug": "apply", "body": "<h2 id=\"post\">By post</h2><p>Second.</p>" },
        ]}),
    );
    assert_eq!(
        outline(&page(&guide)),
        "[/a] Overview\n  First.\n[/a/apply] How to apply > By post#post\n  Second."
    );

    let transaction = page(&item(
        "transaction",
        &json!({
            "introductory_paragraph": "<p>Apply here.</p>", "transaction_start_link": "/start", "will_continue_on": "the permit service",
            "variants": [{ "title": "Vans", "slug": "vans", "introductory_paragraph": "<p>For vans.</p>", "transaction_start_link": "https://v.example/" }],
        }),
    ));
    assert_eq!(outline(&transaction), "[/a] \n  Apply here.\n[/a/vans] Vans\n  For vans.");
    let actions: Vec<String> = transaction
        .page
        .actions
        .iter()
        .map(|link| format!("{} = {}", link.label, link.url))
        .collect();
    assert_eq!(
        actions,
        [
            "Start now on the permit service = https://www.aberwen.example/start",
            "Start now: Vans = https://v.example/"
        ]
    );

    let steps = page(&item(
        "step_by_step_nav",
        &json!({ "step_by_step_nav": { "introduction": [{ "content_type": "text/html", "content": "<p>Move home.</p>" }], "steps": [
            { "title": "Tell us", "contents": [{ "type": "paragraph", "text": "Tell us early." }, { "type": "list", "style": "choice", "contents": [
                { "text": "Apply online", "href": "/online", "context": "£34" }, { "text": "Call us" }] }] },
            { "title": "Pay", "logic": "or", "contents": [{ "type": "unheard_of", "text": "Pay now." }] },
        ]}}),
    ));
    assert_eq!(
        outline(&steps),
        "[/a] \n  Move home.\n[/a] Tell us\n  Tell us early.\n  - Apply online £34\n  - or Call us\n[/a] or: Pay\n  Pay now."
    );

    let tree = page(&item(
        "simple_smart_answer",
        &json!({ "body": "<p>Find out.</p>", "nodes": [
            { "kind": "question", "slug": "q1", "title": "Do you rent?", "options": [{ "label": "Yes", "next_node": "o1" }, { "label": "No", "next_node": "q1" }] },
            { "kind": "outcome", "slug": "o1", "title": "You pay", "body": "<p>Pay £10.</p>" },
            { "kind": "outcome", "slug": "o2", "title": "You do not pay" },
        ]}),
    ));
    assert_eq!(
        outline(&tree),
        "[/a] \n  Find out.\n[/a] Do you rent? Yes > You pay\n  Pay £10.\n[/a] You do not pay\n  You do not pay"
    );
}

#[test]
fn contacts_are_facts_and_text() {
    let contact = page(&item(
        "contact",
        &json!({
            "phone_numbers": [{ "title": "Helpline", "number": "029 2018 0510", "textphone": "029 2018 0511", "open_hours": "<p>8am to 6pm<br>Monday to Friday</p>" }],
            "email_addresses": [{ "title": "", "email": "help@aberwen.example" }],
            "post_addresses": [{ "title": "Council", "street_address": "1 Dock Street,\r\nThe Pier", "locality": "", "postal_code": "AB1 2CD" }],
            "contact_form_links": [{ "title": "Ask us", "link": "/ask", "description": "<p>Takes 5 minutes.</p>" }],
        }),
    ));
    insta::assert_snapshot!(outline(&contact), @r"
    [/a] Online
      = Ask us
      | https://www.aberwen.example/ask
      Takes 5 minutes.
    [/a] Phone
      = Helpline
      | Telephone: 029 2018 0510
      | Textphone: 029 2018 0511
      | 8am to 6pm
      | Monday to Friday
    [/a] Email
      = A title
      | Email: help@aberwen.example
    [/a] Post
      = Council
      | 1 Dock Street, The Pier, AB1 2CD
    ");
    insta::assert_json_snapshot!(contact.page.contacts, @r#"
    [
      {
        "title": "A title",
        "phones": [
          {
            "label": "Helpline",
            "number": "029 2018 0510",
            "hours": "8am to 6pm, Monday to Friday"
          },
          {
            "label": "Helpline textphone",
            "number": "029 2018 0511",
            "hours": "8am to 6pm, Monday to Friday"
          }
        ],
        "emails": [
          "help@aberwen.example"
        ],
        "addresses": [
          "1 Dock Street, The Pier, AB1 2CD"
        ],
        "links": [
          {
            "label": "Ask us",
            "url": "https://www.aberwen.example/ask"
          }
        ]
      }
    ]
    "#);
}

#[test]
fn a_consultation_has_dates_and_ways_to_respond() {
    let details = json!({ "body": "<p>Tell us.</p>", "opening_date": "2026-01-02T09:00:00Z", "closing_date": "2026-03-01T23:45:00+00:00",
        "ways_to_respond": { "email": "say@aberwen.example", "postal_address": "1 Dock Street\nAberwen", "link_url": "https://say.example/" } });
    let page = page(&item("consultation", &details));
    insta::assert_snapshot!(outline(&page), @r"
    [/a] 
      Tell us.
    [/a] 
      = 
      | Opening date | 2 January 2026
      | Closing date | 1 March 2026
    [/a] 
      = Ways to respond
      | Respond online: https://say.example/
      | Email: say@aberwen.example
      | Post: 1 Dock Street, Aberwen
    ");
    assert_eq!(page.page.closes_at, facts::moment("2026-03-01T23:45:00Z"));
}

#[test]
fn metadata_decides_scope_and_state() {
    let mut written = item(
        "detailed_guide",
        &json!({
            "body": "<p>Words.</p>", "political": true, "government": { "current": true },
            "national_applicability": {
                "england": { "applicable": true }, "wales": { "applicable": false, "alternative_url": "https://w.example" },
                "scotland": { "applicable": false, "alternative_url": "" }, "northern_ireland": { "applicable": true },
            },
        }),
    );
    written["withdrawn_notice"] = json!({ "explanation": "<p>Out of <b>date</b>.</p>", "withdrawn_at": "2026-01-01T00:00:00Z" });
    written["links"] = json!({
        "government": [{ "details": { "current": false } }],
        "organisations": [{ "title": "Second" }, { "title": "First" }], "primary_publishing_organisation": [{ "title": "First" }],
        "parent": [{ "title": "Whole", "base_path": "/whole" }], "part_of_step_navs": [{ "title": "Steps", "base_path": "/steps" }],
        "available_translations": [{ "locale": "en", "base_path": "/a" }, { "locale": "cy", "base_path": "/a.cy" }],
    });
    let page = page(&written).page;
    assert_eq!(
        page.scope.applies.iter().collect::<Vec<_>>(),
        [Nation::England, Nation::NorthernIreland]
    );
    assert_eq!(page.scope.alternatives, [(Nation::Wales, "https://w.example".to_owned())]);
    assert!(!page.scope.derived && page.history_mode);
    assert_eq!(
        page.withdrawn.map(|withdrawal| withdrawal.explanation),
        Some("Out of date.".to_owned())
    );
    assert_eq!(page.organisations, ["First", "Second"]);
    assert_eq!(
        page.part_of.iter().map(|link| link.url.as_str()).collect::<Vec<_>>(),
        ["https://www.aberwen.example/whole", "https://www.aberwen.example/steps"]
    );
    assert_eq!(page.translations, [(Locale::Cy, PageId("/a.cy".into()))]);
}

#[test]
fn services_of_one_nation_and_travel_alerts() {
    let local = page(&item(
        "local_transaction",
        &json!({
            "introduction": "<p>Report a stray dog.</p>", "need_to_know": "<ul><li>Available in England and Wales only</li></ul>",
            "scotland_availability": { "type": "devolved_administration_service", "alternative_url": "https://s.example" },
            "northern_ireland_availability": { "type": "unavailable" },
        }),
    ));
    assert_eq!(
        local.page.scope.applies.iter().collect::<Vec<_>>(),
        [Nation::England, Nation::Wales]
    );
    assert_eq!(local.page.scope.alternatives, [(Nation::Scotland, "https://s.example".to_owned())]);

    let words = page(&item(
        "transaction",
        &json!({ "introductory_paragraph": "<p>Apply.</p>", "what_you_need_to_know": "<ul><li>Available in Wales only</li></ul>" }),
    ));
    assert_eq!(words.page.scope.applies.iter().collect::<Vec<_>>(), [Nation::Wales]);
    assert!(words.page.scope.derived);

    let travel = page(&item(
        "travel_advice",
        &json!({ "country": { "name": "Ruritania" }, "alert_status": ["avoid_all_travel_to_parts"], "parts": [],
        "change_description": "Latest update: new borders" }),
    ));
    assert_eq!(
        travel.page.alerts,
        [
            "The Foreign, Commonwealth and Development Office advises against all travel to parts of Ruritania."
        ]
    );
}

#[test]
fn internal_notes_stay_internal() {
    let document = page(&item(
        "specialist_document",
        &json!({ "body": "<p>Words.</p>",
        "metadata": { "internal_notes": "secret", "date_of_occurrence": "2015-08-08", "report_type": "field", "bulk_published": false } }),
    ));
    assert_eq!(
        outline(&document),
        "[/a] \n  Words.\n[/a] \n  = \n  | Date of occurrence | 8 August 2015\n  | Report type | field"
    );
}

#[test]
fn an_html_page_is_its_main_content() {
    let html = r#"<!doctype html><html lang="cy"><head><title>Parcio - Cyngor</title><meta name="description" content="Am barcio.">
        <meta property="article:modified_time" content="2026-04-01T00:00:00Z"></head><body><header><p>Cyngor</p></header><nav><a href="/">Hafan</a></nav>
        <form id="page"><main><h1>Parcio</h1><p>Talwch <a href="talu">nawr</a>. Mae llawer i’w ddarllen yma am barcio yn y dref, ac am y trwyddedau y mae arnoch eu
        hangen er mwyn parcio yn agos at eich cartref neu at eich gwaith, bob dydd o’r wythnos ac eithrio dydd Sul.</p>
        <div role="search"><p>Chwilio</p></div><aside>Gweler hefyd</aside><h2 id="b">Trwydded</h2><p>£5.</p></main></form><footer>Hawlfraint</footer></body></html>"#;
    let Extraction::Page(page) =
        html_page(html.as_bytes(), "/parcio", "https://www.aberwen.example/cy/parcio")
    else {
        panic!("a page")
    };
    assert_eq!((page.page.title.as_str(), &page.page.locale), ("Parcio", &Locale::Cy));
    assert_eq!(page.page.description.as_deref(), Some("Am barcio."));
    assert!(page.page.updated_at.is_some());
    let text = outline(&page);
    assert!(text.contains("Talwch nawr.") && text.contains("Trwydded#b\n  £5."), "{text}");
    for dropped in ["Hafan", "Chwilio", "Gweler", "Hawlfraint", "Cyngor"] {
        assert!(!text.contains(dropped), "{dropped} in {text}");
    }
    assert!(
        matches!(html_page(b"<p>\xff", "/a", "/a"), Extraction::Rejected { reason, .. } if reason == "encoding")
    );
    assert!(
        matches!(html_page(b"<p>words", "/a", "/a"), Extraction::Rejected { reason, .. } if reason == "missing_field:title")
    );
    assert!(matches!(
        html_page(b"<title>a</title>", "/a", "/a"),
        Extraction::Skipped { reason: "no_text", .. }
    ));
}

#[test]
fn a_list_of_nations_may_have_comments_and_a_page_may_tell_of_several_guides() {
    let lists = [
        "nations:\n  - wales # until 2027\n  - england",
        "nations: [wales, # until 2027\n  england]",
        "nations: Wales, England # all but two",
    ];
    for list in lists {
        let text = format!("---\ntitle: T\n{list}\n---\nWords of it.");
        let Extraction::Page(page) = markdown_page(text.as_bytes(), "/t", "/t") else {
            panic!("{list}: a page")
        };
        let applies: Vec<Nation> = page.page.scope.applies.iter().collect();
        assert_eq!(applies, [Nation::England, Nation::Wales], "{list}");
    }
    for (second, expected) in [("Scotland", 4), ("Wales", 1)] {
        let text = format!(
            "# Guides\n\nOpening words.\n\n## One\n\nThis guide covers Wales.\n\n## Two\n\nThis guide covers {second}."
        );
        let Extraction::Page(page) = markdown_page(text.as_bytes(), "/t", "/t") else {
            panic!("{second}: a page")
        };
        assert_eq!(page.page.scope.applies.iter().count(), expected, "{second}");
    }
}

#[test]
fn a_markdown_page_may_have_front_matter() {
    let text = "---\ntitle: \"Bus passes\"\nlocale: en\nupdated: 2026-04-01\nnations: [wales, England]\ntags:\n  - bus\nwithdrawn: false\n---\n# Bus passes\n\nYou can *apply*.\n\n## Cost\n\n| Age | Price |\n|---|---|\n| 60 | Free |\n";
    let Extraction::Page(page) = markdown_page(text.as_bytes(), "/bus", "https://a.example/bus")
    else {
        panic!("a page")
    };
    assert_eq!(page.page.title, "Bus passes");
    assert_eq!(
        page.page.scope.applies.iter().collect::<Vec<_>>(),
        [Nation::England, Nation::Wales]
    );
    assert_eq!(
        (page.page.updated_at, page.page.withdrawn.clone()),
        (facts::moment("2026-04-01T00:00:00Z"), None)
    );
    assert_eq!(
        outline(&page),
        "[https://a.example/bus] \n  You can apply.\n[https://a.example/bus] Cost\n  = Age | Price\n  | 60 | Free"
    );
    let Extraction::Page(plain) =
        markdown_page(b"+++\ntitle = 'T'\nwithdrawn = true\n+++\nWords", "/t", "/t")
    else {
        panic!("a page")
    };
    assert!(plain.page.title == "T" && plain.page.withdrawn.is_some());
    assert!(
        matches!(markdown_page(b"Words", "/t", "/t"), Extraction::Rejected { reason, .. } if reason == "missing_field:title")
    );
}
