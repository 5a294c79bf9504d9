//! Welsh questions on the sample pilot, some of whose pages are in both languages: a page in English alone
//! answers what no Welsh page is about.

#![cfg(test)]

mod pilot;

use candour_content::source::SourceSpec;
use candour_core::{Answer, Config, Locale};

use pilot::{Pilot, in_repository};

/// Questions with the page that answers them, which is in English alone.
const IN_ENGLISH: [(&str, &str); 30] = [
    ("Faint yw trwydded HMO?", "/housing/hmo-licence"),
    ("Faint mae trwydded tacsi yn ei gostio?", "/licensing/taxi-driver-licence"),
    ("Beth yw rheolau'r Hawl i Brynu?", "/housing/right-to-buy"),
    ("Faint mae casgliad gwastraff swmpus yn ei gostio?", "/bins-and-recycling/bulky-waste"),
    ("Sut mae gwneud cais am le mewn ysgol?", "/schools/admissions"),
    ("Faint yw trwydded palmant ar gyfer caffi?", "/licensing/pavement-cafe"),
    ("Sut mae cael trwydded alcohol?", "/licensing/premises-licence"),
    ("Faint mae'n ei gostio i gofrestru marwolaeth?", "/deaths/register"),
    ("Sut mae cofrestru marwolaeth?", "/deaths/register"),
    ("Faint yw copi o dystysgrif priodas?", "/certificates"),
    ("Faint yw seremoni dinasyddiaeth?", "/citizenship-ceremonies"),
    ("Sut mae gwneud cais am dai cymdeithasol?", "/housing/apply-for-social-housing"),
    ("Sut mae gwneud cais am fudd-dal tai?", "/benefits/housing-benefit"),
    ("Sut mae adrodd am dwll yn y ffordd?", "/roads/report-pothole"),
    ("Sut mae adrodd am olau stryd?", "/roads/street-lights"),
    ("Sut mae adrodd am dipio anghyfreithlon?", "/bins-and-recycling/fly-tipping"),
    ("Faint yw parcio yn y maes parcio?", "/parking/car-parks"),
    ("Sut mae apelio yn erbyn bil treth gyngor?", "/council-tax/appeals"),
    ("Faint yw'r gwastraff gardd?", "/bins-and-recycling/garden-waste"),
    ("Pa gymorth sydd ar gael gyda gwisg ysgol?", "/schools/uniform"),
    ("Sut mae cofrestru i bleidleisio?", "/voting/register"),
    ("Beth yw'r gosb am golli ysgol heb ganiatâd?", "/schools/attendance"),
    ("Faint yw cyrb isel?", "/roads/dropped-kerbs"),
    ("Faint mae stondin yn y stryd yn ei gostio?", "/licensing/street-trading"),
    ("Pa gymorth sydd gyda dyled?", "/benefits/debt-help"),
    ("Faint mae cais cynllunio yn ei gostio?", "/planning/apply"),
    ("Alla i dorri coeden yn fy ngardd?", "/planning/trees-and-hedges"),
    ("Sut mae adrodd am leithder a llwydni?", "/housing/damp-and-mould"),
    ("Sut mae ad-daliad treth gyngor yn gweithio?", "/council-tax/refunds"),
    ("Faint mae priodi yn ei gostio?", "/marriages"),
];

/// Questions that a page in Welsh answers.
const IN_WELSH: [(&str, &str); 14] = [
    ("Faint yw trwydded barcio?", "/parking/permits"),
    ("Sut mae gwneud cais am gludiant ysgol?", "/schools/transport"),
    ("Pryd mae gwyliau'r ysgol?", "/schools/term-dates"),
    ("Sut mae cael prydau ysgol am ddim?", "/benefits/free-school-meals"),
    ("Sut mae cofrestru busnes bwyd?", "/business/register-food-business"),
    ("Sut mae cofrestru genedigaeth?", "/births/register"),
    ("Sut mae talu dirwy barcio?", "/parking/fines"),
    ("Beth sy'n mynd yn y bin?", "/bins-and-recycling/what-goes-in-which-bin"),
    ("Sut mae adnewyddu Bathodyn Glas?", "/blue-badge/apply"),
    ("Sut mae cael tocyn bws?", "/bus-passes"),
    ("Pwy sy'n cael gostyngiad treth gyngor?", "/council-tax/discounts"),
    ("Faint yw'r dreth gyngor?", "/council-tax/bands"),
    ("Sut mae cael asesiad gofalwr?", "/social-care/carers-assessment"),
    ("Pa ID sydd ei angen i bleidleisio?", "/voting/photo-id"),
];

fn pilot() -> Pilot {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config)
}

/// Whether an answer is of a page, and whether it is of others alone.
fn found(pilot: &Pilot, answer: &Answer, page: &str) -> (bool, bool) {
    let pages = pilot.pages(answer);
    let is_of = |id: &candour_core::PageId| id.0.trim_end_matches(".cy") == page;
    (pages.iter().any(is_of), !pages.is_empty() && !pages.iter().any(is_of))
}

#[test]
fn a_page_in_english_answers_what_no_page_in_welsh_is_about() {
    let pilot = pilot();
    // What was measured: a change that falls below has broken something.
    for (questions, fewest, most) in [(&IN_ENGLISH[..], 26, 1), (&IN_WELSH, 12, 2)] {
        let (mut right, mut wrong) = (0, Vec::new());
        for (question, page) in questions {
            let answer = pilot.answer(question, Locale::Cy);
            let (is_right, is_wrong) = found(&pilot, &answer, page);
            right += usize::from(is_right);
            if is_wrong {
                wrong.push((question, answer.status, pilot.pages(&answer)));
            }
        }
        assert!(right >= fewest && wrong.len() <= most, "{right} right, wrong: {wrong:#?}");
    }
}
