//! Figures of the process, from the operating system.

/// Resident memory in bytes, where the system tells it (Linux: `/proc/self/statm`, proc(5)).
pub fn resident_bytes(statm: Option<&str>) -> Option<u64> {
    let pages: u64 = statm?.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_pages() {
        assert_eq!(resident_bytes(Some("1000 25 3 4 5 6 7\n")), Some(102_400));
        assert_eq!(resident_bytes(Some("")), None);
        assert_eq!(resident_bytes(None), None);
    }
}
