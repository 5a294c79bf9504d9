//! What a page's document type says of its worth as an answer, before its words are looked at.
//!
//! Pages written to be acted upon come before notices and forms. The weights are of the order that
//! GOV.UK's own assistant is public about; they are used gently, to decide between passages that fit
//! about equally well.

/// Document types that count for more or less than 1.
const WEIGHTS: &[(&str, f32)] = &[
    ("about", 1.1),
    ("answer", 2.0),
    ("business_finance_support_scheme", 2.0),
    ("complaints_procedure", 1.1),
    ("detailed_guide", 1.5),
    ("export_health_certificate", 0.5),
    ("guidance", 1.1),
    ("guide", 2.0),
    ("help_page", 1.5),
    ("licence_transaction", 2.0),
    ("local_transaction", 1.5),
    ("manual_section", 1.5),
    ("notice", 0.5),
    ("service_manual_guide", 0.5),
    ("simple_smart_answer", 2.0),
    ("step_by_step_nav", 2.0),
    ("take_part", 0.5),
    ("transaction", 2.0),
    ("travel_advice", 1.5),
    ("worldwide_organisation", 1.1),
];

/// A weight of 2 adds 0.035 to evidence that reaches 6: it decides between near neighbours and
/// nothing else.
const GENTLENESS: f32 = 0.05;

/// What is added to the evidence for a passage because of the document type of its page.
pub(crate) fn of_document_type(document_type: &str) -> f32 {
    match WEIGHTS.binary_search_by_key(&document_type, |(name, _)| name) {
        Ok(index) => WEIGHTS.get(index).map_or(0.0, |(_, weight)| weight.ln() * GENTLENESS),
        Err(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_its_effect_is_small() {
        assert!(WEIGHTS.is_sorted_by_key(|(name, _)| name));
        for (document_type, expected) in
            [("answer", 0.0347), ("notice", -0.0347), ("news_story", 0.0), ("", 0.0)]
        {
            assert!((of_document_type(document_type) - expected).abs() < 1e-4, "{document_type}");
        }
    }
}
