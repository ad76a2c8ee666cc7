//! A plan of any size is read in bounded memory. Alone in its process, whose peak it measures.
#![allow(clippy::panic, clippy::unwrap_used)] // a test ends by panic

mod common;

use std::io::{BufReader, Read};

use seedling_review::{Review, read};
use serde_json::json;

/// A document that is made while it is read.
struct Made<F> {
    part: F,
    next: usize,
    rest: Vec<u8>,
    total: usize,
}

impl<F: FnMut(usize) -> Option<String>> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() {
            let Some(part) = (self.part)(self.next) else {
                return Ok(0);
            };
            self.next += 1;
            self.rest = part.into_bytes();
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        self.total += count;
        Ok(count)
    }
}

fn service(index: usize, action: &str) -> String {
    let side = |image: &str| {
        json!({ "environment": "prod", "name": format!("service-{index}"), "image": image, "replicas": 4,
        "config": { "TEXT": "x".repeat(20_000) }, "port": 80 })
    };
    json!({ "address": format!("seedling_service.this[{index}]"), "mode": "managed", "type": "seedling_service", "name": "this",
        "change": { "actions": [action], "before": side("a:1"), "after": side(if action == "update" { "a:2" } else { "a:1" }),
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {} } })
    .to_string()
}

/// Peak resident memory of this process in KiB, as Linux counts it.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok())
        .unwrap_or(0)
}

/// 100 MB, half of it in parts that are not read at all.
#[test]
fn a_plan_of_100_megabytes_needs_little_memory() {
    let before = peak();
    let parts = |index: usize| match index {
        0 => Some(
            r#"{"format_version":"1.2","terraform_version":"1.13.0","prior_state":["x""#.to_owned(),
        ),
        1..=1000 => Some(format!(",\"{}\"", "y".repeat(50_000))),
        1001 => Some(format!("],\"resource_changes\":[{}", service(0, "no-op"))),
        1002..=2300 => Some(format!(
            ",{}",
            service(
                index,
                if index.is_multiple_of(10) {
                    "update"
                } else {
                    "no-op"
                }
            )
        )),
        2301 => Some("]}".to_owned()),
        _ => None,
    };
    let mut made = Made {
        part: parts,
        next: 0,
        rest: Vec::new(),
        total: 0,
    };
    let mut review = Review::new(&common::options());
    read(
        BufReader::new(&mut made),
        "plan",
        &common::options(),
        &mut review,
    )
    .unwrap();
    assert!(made.total > 100_000_000, "{} bytes", made.total);
    assert_eq!(review.rows.len(), 130);
    let grown = peak().saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB more");
}
