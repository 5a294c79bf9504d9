//! Reads a file of weights in the safetensors format: the length of a JSON header, the header, and
//! the numbers one after another. What they are for is left to the encoder.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A file of weights.
#[derive(Debug)]
pub(super) struct Weights<'a> {
    tensors: BTreeMap<String, Tensor>,
    numbers: &'a [u8],
}

#[derive(Debug, Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'a> Weights<'a> {
    /// Reads the header of a file; what is wrong with it is told in words.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, String> {
        let (length, rest) = file.split_first_chunk::<8>().ok_or("it is too short")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok();
        let (header, numbers) = length
            .and_then(|length| rest.split_at_checked(length))
            .ok_or("it is shorter than its header")?;
        let mut header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(header)
            .map_err(|error| format!("its header cannot be read: {error}"))?;
        header.remove("__metadata__");
        let tensors = serde_json::to_value(header).and_then(serde_json::from_value);
        let tensors = tensors.map_err(|error| format!("its header cannot be read: {error}"))?;
        Ok(Self { tensors, numbers })
    }

    /// The numbers of a tensor of this shape.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self.tensors.get(name).ok_or_else(|| format!("it has no {name}"))?;
        if tensor.dtype != "F32" || tensor.shape != shape {
            return Err(format!(
                "{name} is {} {:?} and not F32 {shape:?}",
                tensor.dtype, tensor.shape
            ));
        }
        let (start, end) = tensor.data_offsets;
        let bytes = self.numbers.get(start..end).map(<[u8]>::as_chunks::<4>);
        match bytes {
            Some((numbers, [])) if numbers.len() == shape.iter().product::<usize>() => {
                Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
            _ => Err(format!("{name} does not lie within it")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), numbers].concat()
    }

    #[test]
    fn numbers_are_read_and_damage_is_told() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"c":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#;
        let whole = file(header, &[0, 0, 128, 63, 0, 0, 0, 192]);
        let weights = Weights::read(&whole).unwrap();
        assert_eq!(weights.tensor("a", &[2]).unwrap(), [1.0, -2.0]);
        for (name, shape, expected) in [
            ("a", [3], "a is F32 [2] and not F32 [3]"),
            ("b", [2], "b does not lie within it"),
            ("c", [2], "c is F16 [2] and not F32 [2]"),
            ("d", [2], "it has no d"),
        ] {
            assert_eq!(weights.tensor(name, &shape).unwrap_err(), expected);
        }
        for (damaged, expected) in [
            (&whole[..4], "it is too short"),
            (&whole[..20], "it is shorter than its header"),
            (&[255; 9], "it is shorter than its header"),
            (&file("[]", &[]), "its header cannot be read"),
            (&file(r#"{"a":1}"#, &[]), "its header cannot be read"),
        ] {
            let told = Weights::read(damaged).unwrap_err();
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
