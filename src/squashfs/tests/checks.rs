//! Every check that squashfs readers ended up adding, every report against them, and the test that
//! holds it here. A new one is a line.

/// What is checked, and the test of this crate that shows it.
const CHECKS: [(&str, &str); 42] = [
    ("magic", "a_file_that_is_something_else_is_named"),
    ("version", "an_old_version_is_named"),
    ("known compressor", "an_unknown_compressor_is_named"),
    (
        "a shorter file is truncated, and said so",
        "an_image_that_says_it_is_larger_than_the_file_is_truncated",
    ),
    (
        "a size before the tables",
        "a_size_that_ends_before_the_tables_is_noted_and_the_files_own_counts",
    ),
    (
        "block size, and its log",
        "a_block_size_that_is_no_power_of_two_or_not_its_log_is_refused",
    ),
    ("root inode reference", "roots_nowhere_are_refused"),
    (
        "the root is a directory",
        "a_root_that_is_no_directory_is_refused",
    ),
    (
        "order of inodes and directories",
        "an_inode_or_directory_table_that_cannot_be_is_refused",
    ),
    (
        "order of the lookup tables",
        "a_lookup_table_that_cannot_be_hides_nothing_else",
    ),
    (
        "overlapping tables",
        "tables_in_one_place_are_noted_and_nothing_is_read_twice",
    ),
    ("id count", "counts_of_nothing_are_noted"),
    (
        "options of the compressor",
        "options_of_the_compressor_that_do_not_follow_are_noted",
    ),
    (
        "directory header",
        "a_header_for_more_than_256_entries_is_refused",
    ),
    ("length of a name", "a_name_of_256_bytes_is_listed"),
    (
        "/, NUL, . and .. in a name",
        "names_that_no_file_system_has_are_refused",
    ),
    (
        "listing longer than its size",
        "an_entry_past_the_size_of_the_listing_is_refused",
    ),
    (
        "listing longer than its table",
        "a_listing_past_its_table_is_refused",
    ),
    (
        "type of an entry and of its inode",
        "an_entry_of_unknown_or_wrong_type_is_refused",
    ),
    (
        "directory index outside of its listing",
        "an_index_outside_its_listing_is_refused",
    ),
    (
        "directory inside itself",
        "a_directory_inside_itself_is_refused",
    ),
    (
        "directory loop",
        "directories_inside_each_other_are_refused",
    ),
    (
        "a link to above is no loop",
        "a_link_to_a_directory_above_is_no_loop",
    ),
    ("links that lead out", "dot_dot_stops_at_the_root"),
    (
        "40 and 41 links",
        "forty_links_in_a_row_are_followed_and_one_more_is_not",
    ),
    (
        "size of an extended directory",
        "an_extended_directory_of_huge_size_is_refused",
    ),
    ("unknown inode types", "unknown_inode_types_are_refused"),
    (
        "fragment index, offset and size",
        "a_fragment_outside_its_table_or_block_is_refused",
    ),
    ("index off by one", "an_index_one_past_the_end_is_refused"),
    (
        "stored size of a block",
        "a_stored_size_over_the_block_size_is_refused",
    ),
    (
        "exact bound of a decoder, for each codec",
        "a_block_that_holds_more_than_its_bound_is_an_error",
    ),
    (
        "a sparse file of a terabyte",
        "a_sparse_file_of_a_terabyte_costs_nothing_until_it_is_read",
    ),
    (
        "size fields at 2^31, 2^32, 2^64 - 1",
        "no_field_at_a_border_makes_it_panic_or_hang",
    ),
    (
        "squashfuse #158: offset wraps",
        "an_offset_behind_the_end_of_its_block_does_not_wrap",
    ),
    (
        "CVE-2012-4024: long path",
        "a_path_of_any_length_is_only_not_there",
    ),
    (
        "CVE-2012-4025: block log",
        "a_block_size_that_is_no_power_of_two_or_not_its_log_is_refused",
    ),
    (
        "CVE-2015-4645, CVE-2015-4646: fragment count",
        "a_fragment_table_larger_than_the_image_overflows_nothing",
    ),
    (
        "CVE-2021-40153: names with a path",
        "names_that_no_file_system_has_are_refused",
    ),
    (
        "CVE-2021-41072: one name twice",
        "one_name_twice_is_refused",
    ),
    (
        "CVE-2024-26982: inode number 0",
        "inode_number_zero_is_refused",
    ),
    (
        "CVE-2024-46744: length of a link",
        "a_symbolic_link_of_no_or_too_many_bytes_is_refused",
    ),
    (
        "CVE-2025-40200: negative size",
        "a_negative_file_size_is_refused",
    ),
];

/// Where the tests are.
const SOURCES: [&str; 7] = [
    include_str!("borders.rs"),
    include_str!("hostile_inodes.rs"),
    include_str!("hostile_listings.rs"),
    include_str!("hostile_superblock.rs"),
    include_str!("links.rs"),
    include_str!("limits.rs"),
    include_str!("codecs.rs"),
];

#[test]
fn every_check_and_report_has_its_test() {
    for (check, test) in CHECKS {
        let declared = format!("#[test]\nfn {test}()");
        let nested = format!("#[test]\n    fn {test}()");
        let found = SOURCES
            .iter()
            .any(|source| source.contains(&declared) || source.contains(&nested));
        assert!(found, "{check}: there is no test {test}");
    }
}
