//! Reads `ExportTraceServiceRequest` by the numbers of its fields, as `opentelemetry/proto` 1.x has them.

use std::collections::BTreeMap;

/// All that was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) resource: BTreeMap<String, String>,
    pub(crate) spans: Vec<Span>,
}

#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Sent {
    pub(crate) fn read(bodies: &[Vec<u8>]) -> Self {
        let mut sent = Self::default();
        for resource_spans in bodies.iter().flat_map(|body| Message::read(body).messages(1)) {
            for resource in resource_spans.messages(1) {
                sent.resource = resource.attributes(1);
            }
            for scope_spans in resource_spans.messages(2) {
                sent.spans.extend(scope_spans.messages(2).iter().map(Span::read));
            }
        }
        sent
    }

    /// The one span of that name.
    pub(crate) fn one(&self, name: &str) -> &Span {
        let mut found = self.spans.iter().filter(|span| span.name == name);
        let one = found.next().unwrap_or_else(|| panic!("no {name} in {:#?}", self.spans));
        assert!(found.next().is_none(), "two of {name}");
        one
    }
}

impl Span {
    fn read(message: &Message) -> Self {
        let hex = |field| {
            let bytes = message.bytes(field).iter();
            bytes.fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
        };
        Self {
            trace: hex(1),
            id: hex(2),
            parent: hex(4),
            name: message.text(5),
            kind: message.number(6),
            start: message.number(7),
            end: message.number(8),
            attributes: message.attributes(9),
        }
    }
}

/// The fields of a message, by number.
struct Message(Vec<(u64, Field)>);

enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

impl Message {
    fn read(mut bytes: &[u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes);
            let field = match tag & 7 {
                0 => Field::Number(varint(&mut bytes)),
                1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
                2 => {
                    let length = varint(&mut bytes) as usize;
                    Field::Bytes(take(&mut bytes, length).to_vec())
                }
                5 => {
                    let four = take(&mut bytes, 4).try_into().unwrap();
                    Field::Number(u32::from_le_bytes(four).into())
                }
                other => panic!("no wire type is {other}"),
            };
            fields.push((tag >> 3, field));
        }
        Self(fields)
    }

    fn all(&self, wanted: u64) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(move |(number, _)| *number == wanted).map(|(_, field)| field)
    }

    fn messages(&self, field: u64) -> Vec<Self> {
        let read = |field: &Field| match field {
            Field::Bytes(bytes) => Self::read(bytes),
            Field::Number(_) => panic!("a number is no message"),
        };
        self.all(field).map(read).collect()
    }

    fn bytes(&self, field: u64) -> &[u8] {
        match self.all(field).last() {
            Some(Field::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    fn text(&self, field: u64) -> String {
        String::from_utf8(self.bytes(field).to_vec()).unwrap()
    }

    fn number(&self, field: u64) -> u64 {
        match self.all(field).last() {
            Some(Field::Number(number)) => *number,
            _ => 0,
        }
    }

    /// Keys with their values, written as text.
    fn attributes(&self, field: u64) -> BTreeMap<String, String> {
        let read = |pair: &Self| {
            let value = match pair.messages(2).remove(0).0.remove(0) {
                (1, Field::Bytes(text)) => String::from_utf8(text).unwrap(),
                (3, Field::Number(number)) => number.to_string(),
                (4, Field::Number(bits)) => f64::from_bits(bits).to_string(),
                (other, _) => panic!("a value of kind {other}"),
            };
            (pair.text(1), value)
        };
        self.messages(field).iter().map(read).collect()
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return number;
        }
    }
    panic!("the number does not end")
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (first, rest) = bytes.split_at(count);
    *bytes = rest;
    first
}
