//! `reads`: what each `migrate` reads, in which versions.

use crate::{of_field, section, text_after, told};

/// The lines without the fingerprint.
fn reads(release: &str) -> Vec<String> {
    let text = text_after(&[release]);
    let lines = section(&text, "count").into_iter().filter_map(|line| line.strip_prefix("reads "));
    lines.map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn a_migrate_is_written_down_with_the_versions_that_it_takes() {
    assert_eq!(reads("count"), Vec::<String>::new());
    assert_eq!(reads("migrated_count"), ["(versions 1 to 3, bincode) u32"]);
    assert_eq!(reads("count_of_version_one"), ["(version 1, bincode) u32"]);
    assert_eq!(reads("count_by_version"), [1, 2, 3].map(|version| format!("(version {version}, bincode) u32")));
}

/// Whatever the versions in which there were values: only the team knows.
#[test]
fn a_migrate_that_takes_fewer_versions_is_told() {
    for told in [
        told!(migrated_count => count_of_version_one).unwrap(),
        told!(migrated_count => count_of_version_three).unwrap(),
        told!(count_by_version => count_of_version_one).unwrap(),
    ] {
        assert!(told.contains("sessions that are live would break"), "{told}");
        let of_count = of_field(&told, "count");
        assert!(of_count.contains("or not in each version") && of_count.contains("Keep their `migrate`"), "{told}");
    }
    let told = told!(migrated_count => count_of_version_one).unwrap();
    assert!(told.contains("(versions 1 to 3, bincode) u32"), "what was read: {told}");
}

#[test]
fn a_migrate_that_takes_more_versions_is_harmless() {
    for told in [
        told!(count => migrated_count).unwrap(),
        told!(count => count_of_version_one).unwrap(),
        told!(count_of_version_one => migrated_count).unwrap(),
        told!(count_of_version_three => count_by_version).unwrap(),
        told!(migrated_count => count_once_more).unwrap(),
    ] {
        assert!(told.contains("sessions that are live go on working") && told.contains("`count`"), "{told}");
    }
}

/// Several that take one version each are as one that takes all.
#[test]
fn the_versions_of_a_migrate_may_be_split_and_joined() {
    for told in [told!(migrated_count => count_by_version).unwrap(), told!(count_by_version => migrated_count).unwrap()]
    {
        assert!(told.contains("sessions that are live go on working") && told.contains("`count`"), "{told}");
    }
}

#[test]
fn older_values_that_will_count_as_absent_are_told() {
    let told = told!(migrated => priced_or_absent).unwrap();
    assert!(told.contains("will lose values") && told.contains("count as absent"), "{told}");
}
