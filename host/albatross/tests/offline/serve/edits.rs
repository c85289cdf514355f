//! Manifests that are edited while they are served.

use std::{fs, path::Path};

use super::{
    ingress, service, shop,
    site::{Site, route_mode},
};
use crate::program::Folder;

#[test]
fn an_edit_changes_the_answers_and_is_printed_without_a_restart() {
    let site = Site::start("edit", &shop(), &[]);
    let target_group = |url: &str| site.get(url).json()["target-group"].clone();
    assert_eq!(target_group("http://shop.example.org/help"), "shop/web:80");
    let address = site.address(80);

    let mut objects = shop();
    objects[2] =
        ingress("shop", "shop.example.org", &[("/cart", "cart"), ("/help", "help"), ("/", "web")], &[]);
    objects.push(service("help", 30_082));
    site.write("shop.yaml", &objects);
    site.answers("http://shop.example.org/help", |it| it.json()["target-group"] == "shop/help:80");
    assert_eq!(site.address(80), address, "listeners keep their ports");
    site.prints("Then Service shop/help was added and shop/shop was changed.");
    site.prints("rule shop.example.org /help or /help/* → shop/help:80");
    assert_eq!(site.out().matches("Served on this machine").count(), 1, "no address is new");
    assert_eq!(site.err(), "");

    // A new file, for a new host.
    let docs = ingress("docs", "docs.example.org", &[("/", "web")], &[]);
    site.write("docs.yaml", &[docs]);
    site.answers("http://docs.example.org/", |it| it.status == 200);
}

#[test]
fn a_broken_edit_is_reported_with_its_file_and_what_was_served_is_served_on() {
    let site = Site::start("broken", &shop(), &[]);
    let broken = Path::new(&site.folder.path("manifests")).join("shop.yaml");
    fs::write(&broken, "kind: Ingress\n  spec: [").unwrap();
    site.says("shop.yaml");
    site.says("the manifests from before this change are served on until it is corrected");
    assert_eq!(site.get("http://shop.example.org/cart").json()["target-group"], "shop/cart:80");

    let mut invalid = shop();
    invalid[2]["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "prefix".into();
    site.write("shop.yaml", &invalid);
    site.says("\"prefix\"");
    assert_eq!(site.get("http://shop.example.org/cart").json()["target-group"], "shop/cart:80");

    let mut corrected = shop();
    corrected[2] = ingress("shop", "shop.example.org", &[("/basket", "cart"), ("/", "web")], &[]);
    site.write("shop.yaml", &corrected);
    site.answers("http://shop.example.org/basket", |it| it.json()["target-group"] == "shop/cart:80");
}

#[test]
fn a_file_that_is_broken_from_the_start_does_not_stop_edits_of_others() {
    let folder = Folder::new("serve-known");
    fs::create_dir_all(folder.path("manifests")).unwrap();
    folder.file("manifests/draft.yaml", "kind: Ingress\napiVersion: networking.k8s.io/v1\nspec: 7\n");
    let settings = route_mode(&folder);
    let site = Site::on(folder, &shop(), &["--settings", &settings]);
    site.prints("Ctrl-C ends the program");
    site.says("draft.yaml");
    site.write("docs.yaml", &[ingress("docs", "docs.example.org", &[("/", "web")], &[])]);
    site.answers("http://docs.example.org/", |it| it.status == 200);
}

#[test]
fn an_ingress_that_is_removed_is_served_no_longer() {
    let site = Site::start("removed", &shop(), &[]);
    site.write("docs.yaml", &[ingress("docs", "docs.example.org", &[("/", "web")], &[])]);
    site.answers("http://docs.example.org/", |it| it.status == 200);
    fs::remove_file(Path::new(&site.folder.path("manifests")).join("docs.yaml")).unwrap();
    site.answers("http://docs.example.org/", |it| it.status == 404);
    assert_eq!(site.get("http://shop.example.org/cart").json()["target-group"], "shop/cart:80");
}
