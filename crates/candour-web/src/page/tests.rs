//! The pages, each in both languages, as a browser without JavaScript meets them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use candour_core::{ConversationId, NoticeKind};

use crate::language::Language;
use crate::tests::{Pilot, Reply, sample_config};

const QUESTION: &str = "How much is a garden waste subscription?";

#[tokio::test]
async fn every_page_is_there_in_both_languages() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    for (path, english, welsh) in [
        ("/", "Ask Aberwen", "Gofynnwch i Aberwen"),
        ("/conversation", "Your questions and answers", "Eich cwestiynau a’ch atebion"),
        ("/conversation/delete", "Do you want to delete", "Ydych chi am ddileu"),
        ("/conversation/deleted", "Conversation deleted", "Mae’r sgwrs wedi’i dileu"),
        ("/feedback/thanks", "Thank you for your feedback", "Diolch am eich adborth"),
        ("/about", "How it works", "Sut mae’n gweithio"),
        ("/privacy", "Privacy", "Preifatrwydd"),
        ("/cookies", "Cookies", "Cwcis"),
        ("/accessibility", "Accessibility statement", "Datganiad hygyrchedd"),
    ] {
        for (language, heading) in [(Language::English, english), (Language::Welsh, welsh)] {
            let reply = pilot.get_as(&language.href(path), &cookie).await;
            let html = &reply.text;
            assert_eq!(reply.status, StatusCode::OK, "{path}");
            assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{path}");
            let after_h1 = html.split("<h1").nth(1).unwrap_or_default();
            assert!(after_h1.split("</h1>").next().unwrap().contains(heading), "{path} {heading}");
            assert_eq!(html.matches("<h1").count(), 1, "{path}");
            let other = match language {
                Language::English => Language::Welsh,
                Language::Welsh => Language::English,
            };
            assert!(
                html.contains(&format!("href=\"{}\" rel=\"alternate\"", other.href(path))),
                "{path}"
            );
            for forbidden in
                ["<script>", "<style", " style=", "onclick", "http://www.gov", "govuk-header"]
            {
                assert!(!html.contains(forbidden), "{path} holds {forbidden}");
            }
        }
    }
}

#[tokio::test]
async fn the_first_page_says_what_answers() {
    let pilot = Pilot::new().await;
    let html = pilot.get("/").await.text;
    let disclosure = html.find("Answers are made by a computer, not by a person").unwrap();
    assert!(disclosure < html.find("<textarea").unwrap(), "it stands before the question");
    for words in [
        "It can be wrong",
        "Do not include personal details",
        "You can enter up to 2000 characters",
        "Where do you live?",
        "If you do not choose, answers are for Wales.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let config = &pilot.site.config;
    for example in &config.pilot.examples {
        assert!(html.contains(&format!("value=\"{example}\"")), "{example}");
    }
    assert!(html.contains(config.contact.phone.as_deref().unwrap()));
    let welsh = pilot.get("/cy/").await.text;
    assert!(welsh.contains(&config.pilot.examples_cy[0]));
    assert!(welsh.contains(config.contact.name_cy.as_deref().unwrap()));
}

#[tokio::test]
async fn nothing_ingested_is_said_plainly() {
    let pilot = Pilot::empty().await;
    let reply = pilot.get("/").await;
    assert!(reply.text.contains("no guidance to answer from yet"));
    assert!(!reply.text.contains("<textarea"));
    let asked = pilot.post("/ask", "", &[("question", QUESTION)]).await;
    assert_eq!(asked.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(asked.text.contains("This service is not ready yet"));
}

#[tokio::test]
async fn a_question_leads_to_its_answer() {
    let pilot = Pilot::new().await;
    let reply = pilot.post("/cy/ask", "", &[("question", QUESTION), ("nation", "wales")]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let place = reply.header("location").to_owned();
    assert!(place.starts_with("/cy/conversation?nation=wales#answer-"), "{place}");
    let cookie_line = reply.header("set-cookie");
    assert!(cookie_line.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie_line}");

    let page = pilot.get_as("/conversation", &reply.cookie()).await;
    let html = &page.text;
    assert_eq!(page.header("x-ai-generated"), "true");
    assert_eq!(page.header("cache-control"), "no-store");
    let anchor = place.split('#').nth(1).unwrap();
    for words in [
        &format!("id=\"{anchor}\""),
        "<meta name=\"ai-generated\" content=\"true\">",
        QUESTION,
        "A computer made this answer. It may be wrong.",
        "029 2018 0100",
        "Where this answer comes from",
        "Is this wrong, or was it useful?",
        "Delete this conversation",
        &format!("href=\"#{anchor}-source-1\""),
        &format!("id=\"{anchor}-source-1\""),
    ] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
}

#[tokio::test]
async fn a_nation_is_chosen_again_only_where_it_was_chosen() {
    let pilot = Pilot::new().await;
    let is_chosen = |html: &str| html.contains("\" selected>");
    for (question, nation, expected) in [
        (QUESTION, "", false),
        ("Can I use my Blue Badge in Scotland?", "", false),
        (QUESTION, "scotland", true),
    ] {
        let fields = [("question", question), ("nation", nation)];
        let reply = pilot.post("/ask", "", &fields).await;
        let place = reply.header("location").split('#').next().unwrap();
        let html = pilot.get_as(place, &reply.cookie()).await.text;
        assert_eq!(is_chosen(&html), expected, "{question} {nation}");
    }
    let strange = pilot.get("/conversation?nation=mars&audience=droids&nation=%ff&&=").await;
    assert_eq!(strange.status, StatusCode::OK);
}

/// The value that a form sends for a field that is chosen from a list: the selected one, or the first.
fn selected(html: &str, field: &str) -> String {
    let list =
        html.split(&format!("<select class=\"govuk-select\" id=\"{field}\"")).nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let options: Vec<&str> = list.split("<option value=\"").skip(1).collect();
    let chosen = options.iter().find(|option| option.contains("\" selected>"));
    chosen.unwrap_or(&options[0]).split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_not_sure_any_more_is_told_from_who_chose_nothing() {
    let pilot = Pilot::new().await;
    let ask = async |cookie: &str, question: &str, nation: &str| {
        let fields = [("question", question), ("nation", nation), ("audience", "unknown")];
        let reply = pilot.post("/ask", cookie, &fields).await;
        let place = reply.header("location").split('#').next().unwrap().to_owned();
        (pilot.get_as(&place, &reply.cookie()).await.text, reply.cookie())
    };
    let last = |html: &str| {
        let article = html.rsplit("<article").next().unwrap();
        article.split("</article>").next().unwrap().to_owned()
    };
    let scope = |html: &str| [selected(html, "nation"), selected(html, "audience")];
    let (badge, cost) = ("Can I use my Blue Badge?", "How much does it cost?");
    let said = "Scotland";
    let (first, cookie) = ask("", badge, "scotland").await;
    assert_eq!(selected(&first, "nation"), "scotland");
    // Where the address of the page says nothing, the form says that nothing changes.
    let plain = pilot.get_as("/conversation", &cookie).await.text;
    assert_eq!(scope(&plain), ["", ""]);
    assert!(plain.contains("<option value=\"\">The same as before</option>"), "{plain}");
    let (second, _) = ask(&cookie, cost, "").await;
    assert!(last(&second).contains(said), "what was chosen before holds: {}", last(&second));
    let (third, _) = ask(&cookie, cost, "unknown").await;
    assert!(!last(&third).contains(said), "it holds no more: {}", last(&third));
    assert_eq!(scope(&third), ["unknown", "unknown"]);
    assert!(!third.contains("The same as before"), "{third}");
    assert!(third.contains("answers are for Wales"), "{third}");
    // On the first page there is nothing to take back.
    let form = pilot.get("/").await.text;
    assert_eq!(scope(&form), ["", ""]);
    assert!(form.contains("<option value=\"\">I am not sure</option>"), "{form}");
}

#[tokio::test]
async fn a_role_can_be_chosen_where_guidance_is_written_for_some_readers() {
    let pilot = Pilot::new().await;
    let form = pilot.get("/").await.text;
    assert!(form.contains("<option value=\"business\">For a business"), "{form}");
    assert!(!form.contains("value=\"professional\""), "no page is written for professionals");
    assert!(!Pilot::empty().await.get("/").await.text.contains("id=\"audience\""));

    let question = "How do I register a food business?";
    let ask = |nation, audience| {
        let fields = [("question", question), ("nation", nation), ("audience", audience)];
        let pilot = &pilot;
        async move {
            let reply = pilot.post("/ask", "", &fields).await;
            let place = reply.header("location").split('#').next().unwrap().to_owned();
            let html = pilot.get_as(&place, &reply.cookie()).await.text;
            (place, html)
        }
    };
    let (place, html) = ask("wales", "business").await;
    assert_eq!(place, "/conversation?nation=wales&audience=business");
    assert!(html.contains("<option value=\"business\" selected>"), "{html}");
    assert!(html.contains("Written for businesses, employers"), "{html}");
    assert!(!html.contains("is written for: "), "who belongs to them is told nothing of it");
    let (_, html) = ask("", "").await;
    assert!(html.contains("“Register a food business” is written for: businesses"), "{html}");
    let (_, html) = ask("", "individual").await;
    assert!(html.contains("I have not quoted the page “Register a food business”"), "{html}");
}

#[tokio::test]
async fn a_follow_up_stays_in_the_conversation() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    let second = pilot.post("/ask", &cookie, &[("question", "Who can get a Blue Badge?")]).await;
    assert_eq!(second.cookie(), cookie);
    let html = pilot.get_as("/conversation", &cookie).await.text;
    assert!(html.contains("Question 1: you asked") && html.contains("Question 2: you asked"));
    // Someone else's browser sees nothing of it.
    assert!(!pilot.get("/conversation").await.text.contains(QUESTION));
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_on_the_form() {
    let pilot = Pilot::new().await;
    let long = "a".repeat(2001);
    for (text, error) in [
        ("", "Enter a question"),
        ("  \n ", "Enter a question"),
        (long.as_str(), "2000 characters or fewer"),
    ] {
        let reply = pilot.post("/ask", "", &[("question", text), ("nation", "scotland")]).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        let html = &reply.text;
        assert!(html.contains("There is a problem") && html.contains("href=\"#question\""));
        assert!(html.contains("<title>Error: "), "the title says so first");
        assert!(html.contains(error), "{error}");
        assert!(html.contains("<option value=\"scotland\" selected>"), "the choice is kept");
        assert!(
            text.is_empty() || html.contains(&format!("\n{text}</textarea>")),
            "the text is kept"
        );
    }
    let cookie = pilot.ask(QUESTION).await;
    let reply = pilot.post("/cy/ask", &cookie, &[("question", ""), ("follow-up", "yes")]).await;
    assert!(reply.text.contains("Rhowch gwestiwn") && reply.text.contains(QUESTION));
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let pilot = Pilot::new().await;
    let hostile = "<script>alert('x')</script> \"><img src=x onerror=alert(1)> '; DROP TABLE turns; -- {{7*7}} \u{202e}\u{0}\u{7} ]]>";
    let cookie = pilot.ask(hostile).await;
    let html = pilot.get_as("/conversation", &cookie).await.text;
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{html}");
    assert!(html.contains("&#60;script&#62;"), "it is shown as it was typed");
    let long = format!("{hostile}{}", "a".repeat(2000));
    let mended = pilot.post("/ask", "", &[("question", &long)]).await.text;
    assert!(!mended.contains("<script>alert") && !mended.contains("<img src=x"));
    assert_eq!(pilot.get_as("/conversation", &cookie).await.status, StatusCode::OK);
}

#[tokio::test]
async fn hostile_guidance_is_only_text() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    let id = ConversationId::parse(cookie.split('=').nth(1).unwrap()).unwrap();
    let mut turn = pilot.site.database.conversation(id, 1).await.unwrap().remove(0);
    turn.id = candour_core::AnswerId::from_random([9; 16]);
    let mark = "<b>\"'&";
    turn.answer.message = Some(mark.into());
    turn.answer.sentences[0].text = mark.into();
    turn.answer.sources[0].title = mark.into();
    turn.answer.sources[0].url = "javascript:alert(1)".into();
    turn.answer.links = vec![candour_core::AnswerLink {
        label: mark.into(),
        url: "data:text/html,x".into(),
        kind: candour_core::LinkKind::Start,
    }];
    turn.answer.notices = [NoticeKind::Crisis, NoticeKind::Alert, NoticeKind::Old]
        .map(|kind| candour_core::Notice { kind, text: mark.into() })
        .into();
    pilot.keep(&turn).await;
    let html = pilot.get_as("/conversation", &cookie).await.text;
    assert!(!html.contains("<b>"), "{html}");
    assert!(!html.contains("javascript:") && !html.contains("data:text"), "{html}");
    assert!(html.matches("&#60;b&#62;&#34;&#39;&#38;").count() >= 6, "{html}");
}

#[tokio::test]
async fn an_answer_is_shown_with_its_lists_tables_and_sources() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    let id = ConversationId::parse(cookie.split('=').nth(1).unwrap()).unwrap();
    let mut turn = pilot.site.database.conversation(id, 1).await.unwrap().remove(0);
    let answer = &mut turn.answer;
    answer.sources.truncate(1);
    let source = &mut answer.sources[0];
    (source.url, source.title) = ("https://www.aberwen.example/bins#cost".into(), "Bins".into());
    source.locale = candour_core::Locale::En;
    let mut citation = answer.sentences[0].citations[0].clone();
    citation.url = "https://www.aberwen.example/bins".into();
    citation.heading = "Bins > If you live alone".into();
    let sentence = |(text, item): (&str, bool)| candour_core::AnswerSentence {
        text: text.into(),
        item,
        nested: text == "with a lid",
        citations: vec![citation.clone()],
    };
    let said = [
        ("You can use:", false),
        ("a bin", true),
        ("with a lid", true),
        ("Bins | Price", false),
        ("1 | £50", true),
        ("2 | £90", true),
        ("Not | a table", false),
        ("one cell", true),
    ];
    answer.sentences = said.into_iter().map(sentence).collect();
    let layout =
        crate::page::layout::Layout::new(&pilot.site, Language::English, "/", String::new());
    let blocks = crate::page::answer::AnswerView::new(&layout, &turn, None).blocks;
    let shape: Vec<(bool, usize)> =
        blocks.iter().map(|block| (block.is_table(), block.items.len())).collect();
    assert_eq!(shape, [(false, 1), (true, 2), (false, 1)]);

    turn.id = candour_core::AnswerId::from_random([5; 16]);
    let turn_id = turn.id;
    pilot.keep(&turn).await;
    let html = pilot.get_as("/cy/conversation", &cookie).await.text;
    let shown = html.split("<div class=\"app-answer\">").nth(2).unwrap();
    let shown = shown
        .split("<h4 class=\"govuk-heading-s\">")
        .next()
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let shown = shown.replace(&turn_id.to_string(), "ID").replace("> <", ">\n<");
    insta::assert_snapshot!(shown, @r##"
    <h4 class="govuk-heading-s app-above" lang="en"><span class="app-above__part">Bins<span class="govuk-visually-hidden">: </span></span><span class="app-above__part">If you live alone</span></h4>
    <p class="govuk-body"><span lang="en">You can use:</span>&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></p>
    <ul class="govuk-list govuk-list--bullet"><li><span lang="en">a bin</span>&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup><ul class="govuk-list govuk-list--bullet"><li><span lang="en">with a lid</span>&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></li></ul></li></ul>
    <div class="app-table" role="group" tabindex="0" aria-label="Rhan o dabl, wedi’i dyfynnu">
    <table class="govuk-table">
    <thead class="govuk-table__head"><tr class="govuk-table__row" lang="en"><th scope="col" class="govuk-table__header">Bins</th><th scope="col" class="govuk-table__header">Price</th></tr></thead>
    <tbody class="govuk-table__body"><tr class="govuk-table__row" lang="en"><th scope="row" class="govuk-table__header">1&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></th><td class="govuk-table__cell">£50</td></tr><tr class="govuk-table__row" lang="en"><th scope="row" class="govuk-table__header">2&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></th><td class="govuk-table__cell">£90</td></tr></tbody>
    </table>
    </div>
    <p class="govuk-body"><span lang="en">Not | a table</span>&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></p>
    <ul class="govuk-list govuk-list--bullet"><li><span lang="en">one cell</span>&#8288;<sup class="app-cite"><a class="govuk-link" href="#answer-ID-source-1" aria-label="Ffynhonnell 1">[1]</a></sup></li></ul>
    </div>
    "##);
}

#[tokio::test]
async fn whom_to_call_comes_before_the_answer() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask("I want to end my life").await;
    let html = pilot.get_as("/conversation", &cookie).await.text;
    let crisis = html.find("app-crisis").expect("the crisis notice is shown");
    assert!(crisis < html.find("id=\"answer-").map_or(usize::MAX, |_| html.find("<h3").unwrap()));
    assert!(html.contains("116 123"));
}

#[tokio::test]
async fn personal_data_is_in_no_page_and_no_file() {
    let pilot = Pilot::new().await;
    let secret = "jo.canary@example.org";
    let cookie = pilot.ask(&format!("{QUESTION} My e-mail is {secret}")).await;
    let page = pilot.get_as("/conversation", &cookie).await.text;
    assert!(!page.contains("canary"), "{page}");
    assert!(page.contains("We masked personal details in your question."));
    let answer = page.split("name=\"answer\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("answer", answer), ("verdict", "wrong"), ("comment", secret)];
    let thanks = pilot.post("/feedback", &cookie, &fields).await;
    assert_eq!(thanks.header("location"), "/feedback/thanks");
    pilot.site.database.close().await;
    for entry in std::fs::read_dir(pilot.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }
}

#[tokio::test]
async fn feedback_is_kept_or_asked_for_again() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    let page = pilot.get_as("/conversation", &cookie).await.text;
    let answer = page.split("name=\"answer\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let unsaid =
        pilot.post("/feedback", &cookie, &[("answer", answer), ("comment", "Kept & shown")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsaid.text.contains(&format!("href=\"#feedback-{answer}\"")));
    assert!(unsaid.text.contains("Kept &#38; shown</textarea>"));
    assert!(unsaid.text.contains("<details class=\"govuk-details app-feedback\" open>"));
    let long = "x".repeat(2001);
    let fields = [("answer", answer), ("verdict", "useful"), ("comment", &long)];
    let refused = pilot.post("/feedback", &cookie, &fields).await;
    assert!(refused.text.contains(&format!("href=\"#comment-{answer}\"")));
    assert!(refused.text.contains("value=\"useful\" checked"));
    assert!(refused.text.contains(&format!("<p id=\"comment-{answer}-error\"")));
    let nothing_chosen = [("answer", answer), ("comment", long.as_str())];
    let refused = pilot.post("/feedback", &cookie, &nothing_chosen).await;
    assert!(refused.text.contains(&format!("href=\"#comment-{answer}\"")));
    // Whom the next answer is to be for is still chosen, whatever is wrong with the form of another.
    let place = "/conversation?nation=scotland&audience=business";
    let shown = pilot.get_as(place, &cookie).await.text;
    let form = shown.split("<form").find(|form| form.contains("action=\"/feedback\"")).unwrap();
    let mut fields = hidden(form.split("</form>").next().unwrap());
    let given = |fields: &[(String, String)]| {
        let fields = fields.to_vec();
        let (pilot, cookie) = (&pilot, &cookie);
        async move {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            pilot.post("/feedback", cookie, &fields).await
        }
    };
    let unsaid = given(&fields).await.text;
    assert_eq!(selected(&unsaid, "nation"), "scotland", "{unsaid}");
    assert_eq!(selected(&unsaid, "audience"), "business", "{unsaid}");
    fields.push(("verdict".into(), "useful".into()));
    let thanks = given(&fields).await.header("location").to_owned();
    assert!(pilot.get(&thanks).await.text.contains("href=\"/conversation?nation=scotland&"));
    for unknown in ["", "nonsense", "0e9d2c8a-9a4b-4c8e-8f0e-2f6a5b9c7d11"] {
        let fields = [("answer", unknown), ("verdict", "useful")];
        let reply = pilot.post("/feedback", "", &fields).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn a_deleted_conversation_is_gone() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask(QUESTION).await;
    let reply = pilot.post("/conversation/delete", &cookie, &[]).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    let receipt =
        reply.text.split("tabindex=\"0\">").nth(1).unwrap().split("</pre>").next().unwrap();
    let receipt: candour_core::SaltedErasure =
        serde_json::from_str(&receipt.replace("&#34;", "\"")).unwrap();
    let id = ConversationId::parse(cookie.split('=').nth(1).unwrap()).unwrap();
    assert!(receipt.is_for(id) && receipt.erasure.erased["questions"] == 1);
    let entry = pilot.site.database.log_entry(receipt.log_position).await.unwrap().unwrap();
    assert_eq!((entry.kind.as_str(), entry.commitment), ("erasure", receipt.commitment()));
    let again = pilot.post("/cy/conversation/delete", &cookie, &[]).await;
    assert!(again.text.contains("Mae’r sgwrs wedi’i dileu") && !again.text.contains("<pre"));
    let html = pilot.get_as("/conversation", &cookie).await.text;
    assert!(!html.contains(QUESTION) && html.contains("You have not asked anything"));
    // A cookie that is left over begins a new conversation, under a new name.
    let again = pilot.post("/ask", &cookie, &[("question", QUESTION)]).await;
    assert_ne!(again.cookie(), cookie);
}

#[tokio::test]
async fn failures_say_where_to_go_next() {
    let pilot = Pilot::new().await;
    let large = "question=".to_owned() + &"a".repeat(70 * 1024);
    let post = |path: &str, body: String| {
        Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    for (request, status, title, home) in [
        (get("/nowhere"), 404, "Page not found", "href=\"/\""),
        (get("/cy/nunlle"), 404, "Heb ddod o hyd i’r dudalen", "href=\"/cy\""),
        (get("/%ff"), 404, "Page not found", "href=\"/\""),
        (post("/about", String::new()), 405, "That cannot be done here", "href=\"/\""),
        (post("/ask", large), 413, "You sent too much", "href=\"/\""),
    ] {
        let path = request.uri().path().to_owned();
        let reply = pilot.send(request).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        assert!(reply.text.contains(&format!("govuk-heading-l\">{title}</h1>")), "{}", reply.text);
        assert!(reply.text.contains(home) && reply.text.contains("029 2018 0100"), "{path}");
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    }
    assert_eq!(pilot.get("/ask").await.header("location"), "/");
}

#[tokio::test]
async fn the_script_of_the_page_gets_the_answer_as_it_comes() {
    let pilot = Pilot::new().await;
    let reply = pilot.post("/ask/stream", "", &[("question", QUESTION)]).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert!(reply.header("set-cookie").contains("HttpOnly"));
    assert!(!reply.text.contains("event: conversation"), "what the cookie hides is told");
    let done = reply.text.split("event: done\ndata: ").nth(1).unwrap().lines().next().unwrap();
    let done: serde_json::Value = serde_json::from_str(done).unwrap();
    let html = done["html"].as_str().unwrap();
    assert!(html.trim_start().starts_with("<article") && html.contains("govuk-details"));
    assert!(done["url"].as_str().unwrap().starts_with("/conversation#answer-"));
    let page = pilot.get_as("/conversation", &reply.cookie()).await.text;
    assert!(page.contains(done["id"].as_str().unwrap()));
    let empty = pilot.post("/ask/stream", "", &[("question", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn cookies_are_secure_where_readers_come_over_tls() {
    let mut config = sample_config();
    config.serve.public_url = Some("https://ask.aberwen.example".into());
    let pilot = Pilot::with(config, crate::tests::sample_index()).await;
    let reply = pilot.post("/ask", "", &[("question", QUESTION)]).await;
    assert!(reply.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn whom_the_answer_is_for_is_kept_when_something_is_asked_back() {
    let pilot = Pilot::new().await;
    let fields = [
        ("question", "When are school places offered?"),
        ("nation", "wales"),
        ("audience", "individual"),
    ];
    let scope = "?nation=wales&audience=individual";
    let place = |reply: &Reply| reply.header("location").split('#').next().unwrap().to_owned();
    let asked = pilot.post("/ask", "", &fields).await;
    let cookie = asked.cookie();
    let shown = pilot.get_as(&place(&asked), &cookie).await.text;
    let streamed = pilot.post("/ask/stream", "", &fields).await.text.replace("\\\"", "\"");
    let choice = |html: &str| {
        let form = html.split("<form").find(|form| form.contains("name=\"choice\"")).unwrap();
        hidden(form.split("</form>").next().unwrap())
    };
    let carried = choice(&shown);
    assert_eq!(choice(&streamed)[1..], carried[1..], "the script gets the same");
    let mut fields: Vec<(&str, &str)> =
        carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // Who forgets to choose is asked again for the same readers.
    let missing = pilot.post("/ask", &cookie, &fields).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(choice(&missing.text), carried);
    assert!(missing.text.contains("<option value=\"individual\" selected>"), "{}", missing.text);
    fields.push(("choice", "2"));
    let chosen = pilot.post("/ask", &cookie, &fields).await;
    assert_eq!(place(&chosen), format!("/conversation{scope}"));
}

/// The hidden fields of a form, by name and value.
fn hidden(form: &str) -> Vec<(String, String)> {
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1);
    let field = |rest: &str| {
        let mut quoted = rest.split('"');
        (quoted.next().unwrap().to_owned(), quoted.nth(1).unwrap().to_owned())
    };
    fields.map(field).collect()
}

#[tokio::test]
async fn a_reader_chooses_what_is_true_for_them() {
    let pilot = Pilot::new().await;
    for (prefix, question, labels, missing, stale, fact) in [
        (
            "",
            "When are school places offered?",
            ["Primary school", "Secondary school", "I do not know"],
            "Choose what is true for you",
            "That question was answered already. Ask again.",
            "1 March 2027",
        ),
        (
            "/cy",
            "Oes angen caniatâd cynllunio i godi ffens?",
            ["Fflat neu maisonette", "Adeilad rhestredig", "Dydw i ddim yn gwybod"],
            "Dewiswch yr hyn sy’n wir amdanoch chi",
            "Mae’r cwestiwn hwnnw wedi’i ateb yn barod. Gofynnwch eto.",
            "Mae angen caniatâd adeilad rhestredig arnoch",
        ),
    ] {
        let asked = pilot.post(&format!("{prefix}/ask"), "", &[("question", question)]).await;
        let cookie = asked.cookie();
        let page = format!("{prefix}/conversation");
        let html = pilot.get_as(&page, &cookie).await.text;
        for label in labels {
            assert!(html.contains(&format!(">{label}</label>")), "{label}: {html}");
        }
        let id = html.split("name=\"answer\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let choose = |fields: Vec<(&'static str, String)>| {
            let fields: Vec<(&str, String)> = fields;
            let (pilot, cookie) = (&pilot, &cookie);
            async move {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                pilot.post(&format!("{prefix}/ask"), cookie, &fields).await
            }
        };
        let none = choose(vec![("answer", id.to_owned())]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.text.contains(&format!("href=\"#choice-{id}-1\"")), "{}", none.text);
        assert!(none.text.matches(missing).count() >= 2, "{}", none.text);
        let fields = || vec![("answer", id.to_owned()), ("choice", "2".to_owned())];
        assert_eq!(choose(fields()).await.status, StatusCode::SEE_OTHER);
        let html = pilot.get_as(&page, &cookie).await.text;
        assert!(html.contains(fact), "{html}");
        assert_eq!(html.matches("name=\"choice\"").count(), 0, "it can be chosen once");
        // Another window may still show the choice.
        for fields in [fields(), vec![("answer", id.to_owned())]] {
            let late = choose(fields.clone()).await;
            assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(
                late.text.contains(&format!("<a href=\"#question\">{stale}</a>")),
                "{}",
                late.text
            );
            assert!(!late.text.contains(missing), "{}", late.text);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let streamed = pilot.post(&format!("{prefix}/ask/stream"), &cookie, &fields).await;
            assert_eq!(streamed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", streamed.text);
        }
        pilot.post("/conversation/delete", &cookie, &[]).await;
        let gone = choose(fields()).await.text;
        assert!(gone.contains(&format!("<p>{stale}</p>")), "there is nowhere to lead to: {gone}");
    }
}
