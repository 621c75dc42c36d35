//! Foreign keys that share the tenant's column with the row's own key.

use serde_json::json;
use tests::Engine;

use super::served;

pub(super) const TABLES: &str = "
    CREATE TABLE guilds (realm INT NOT NULL, no INT NOT NULL, title VARCHAR(20), PRIMARY KEY (realm, no));
    CREATE TABLE heroes (realm INT NOT NULL, no INT NOT NULL, guild_no INT, mentor_no INT, name VARCHAR(20),
      PRIMARY KEY (realm, no),
      FOREIGN KEY (realm, guild_no) REFERENCES guilds (realm, no),
      FOREIGN KEY (realm, mentor_no) REFERENCES heroes (realm, no));
    INSERT INTO guilds VALUES (1, 1, 'first'), (1, 2, 'second'), (2, 1, 'elsewhere');
    INSERT INTO heroes VALUES (1, 1, 1, NULL, 'Ann'), (1, 2, NULL, 1, 'Bea'), (2, 1, NULL, NULL, 'Zoe');";

/// Everybody may do everything, but nobody sees the second realm's guilds.
pub(super) const CONFIG: &str = r#"
    [tables.guilds]
    actions = ["create", "update", "delete"]
    [[tables.guilds.policies]]
    roles = ["anyone"]
    actions = ["read", "create", "update", "delete"]
    rows = "realm = 1"
    [tables.heroes]
    actions = ["create", "update", "delete"]"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_given_by_the_columns_that_are_its_own() {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::Mariadb] {
        let Some(api) = served(engine, "shared_keys", TABLES, CONFIG).await else {
            continue;
        };
        let done = async |request: &str| {
            let answer = api
                .data(&format!(
                    "mutation {{ it: {request} {{ success errors {{ field code }} }} }}"
                ))
                .await;
            (answer["it"]["success"] == true, answer["it"]["errors"].clone())
        };
        let succeeds = async |request: &str| {
            assert_eq!(done(request).await, (true, json!([])), "{engine}: {request}");
        };
        let hero = async |no: u32| {
            let hero = format!("{{ hero(realm: 1, no: {no}) {{ guildNo mentorNo guild {{ title }} }} }}");
            api.data(&hero).await["hero"].clone()
        };

        // Neither key is given, one is, both are; and a row below another one.
        succeeds("createHero(input: {realm: 1, no: 10, name: \"a\"})").await;
        succeeds("createHero(input: {realm: 1, no: 11, guildNo: 2})").await;
        succeeds("createHero(input: {realm: 1, no: 12, guildNo: 2, mentorNo: 1})").await;
        succeeds("createHero(input: {realm: 1, no: 13, guild: {connect: {realm: 1, no: 1}}})").await;
        succeeds("createGuild(input: {realm: 1, no: 5, heroes: [{create: {no: 14, name: \"b\"}}]})").await;
        assert_eq!(
            hero(12).await,
            json!({"guildNo": "2", "mentorNo": "1", "guild": {"title": "second"}}),
            "{engine}"
        );
        assert_eq!(hero(13).await["guild"], json!({"title": "first"}), "{engine}");
        assert_eq!(hero(14).await["guildNo"], "5", "{engine}");

        // What is emptied is the key's own, and the realm stays.
        succeeds("updateHero(realm: 1, no: 12, input: {guildNo: null})").await;
        assert_eq!(
            hero(12).await,
            json!({"guildNo": null, "mentorNo": "1", "guild": null}),
            "{engine}"
        );
        succeeds("updateHero(realm: 1, no: 12, input: {mentorNo: 2, guildNo: 1})").await;
        succeeds("updateHero(realm: 1, no: 12, input: {guild: {disconnect: true}})").await;
        assert_eq!(
            hero(12).await,
            json!({"guildNo": null, "mentorNo": "2", "guild": null}),
            "{engine}"
        );
        succeeds("updateGuild(realm: 1, no: 2, input: {heroes: [{connect: {realm: 1, no: 12}}]})").await;
        assert_eq!(hero(12).await["guild"], json!({"title": "second"}), "{engine}");
        succeeds("updateGuild(realm: 1, no: 2, input: {heroes: [{disconnect: {realm: 1, no: 12}}]})").await;
        assert_eq!(hero(12).await["guild"], json!(null), "{engine}");

        // A hero of another realm is not connected, and a guild that is not seen or not there is none to refer to.
        let (is_done, errors) =
            done("updateGuild(realm: 1, no: 2, input: {heroes: [{connect: {realm: 2, no: 1}}]})").await;
        assert!(!is_done && errors[0]["code"] == "FOREIGN_KEY", "{engine}: {errors}");
        for request in [
            "createHero(input: {realm: 2, no: 20, guildNo: 1})",
            "createHero(input: {realm: 2, no: 21, guild: {connect: {realm: 1, no: 1}}})",
            "updateHero(realm: 2, no: 1, input: {guildNo: 1})",
            "updateHero(realm: 1, no: 1, input: {guildNo: 99})",
        ] {
            let (is_done, errors) = done(request).await;
            assert!(
                !is_done && errors[0]["code"] == "FOREIGN_KEY",
                "{engine}: {request}: {errors}"
            );
        }
    }
}
