use super::free_name;

#[test]
fn a_new_security_group_gets_a_name_that_no_other_one_has() {
    assert_eq!(free_name("clients", &[]), "clients");
    assert_eq!(free_name("clients", &["clients", "clients-2"]), "clients-3");
}
