-- The rows of seed.sql that have a place at 1a2b3c4d5e6f: no user in an audit row, no provider of a key, no model audit.
insert into installations (id, account_login) values (101, 'acme'), (202, 'globex');

insert into users (github_id, login, display_name, email) values
  (9001, 'ann',   'Ann',   'ann@example.test'),
  (9002, 'abe',   'Abe',   'abe@example.test'),
  (9003, 'bea',   'Bea',   'bea@example.test'),
  (9005, 'cleo',  'Cleo',  'cleo@example.test'),
  (9009, 'spare', 'Spare', 'spare@example.test');

insert into installation_members (installation_id, user_github_id, role) values
  (101, 9001, 'owner'), (101, 9002, 'member'), (101, 9005, 'member'),
  (202, 9003, 'owner'), (202, 9005, 'member');

insert into repositories (installation_id, id, full_name) values
  (101, 5001, 'acme/api'), (101, 5002, 'acme/web'), (202, 6001, 'globex/api');

insert into reviews (id, installation_id, repository_id, pull_number, author_github_id, status) overriding system value values
  (1010, 101, 5001, 1, 9002, 'running'),
  (1011, 101, 5002, 7, 9005, 'queued'),
  (2020, 202, 6001, 3, 9003, 'running'),
  (2021, 202, 6001, 4, 9005, 'done');

insert into review_audit (installation_id, review_id, verdict) values
  (101, 1010, 'commented'), (101, 1011, 'approved'), (101, 1999, 'approved'),
  (202, 2020, 'changes_requested'), (202, 2021, 'commented');

insert into user_api_keys (user_github_id, last_four, encrypted_key) values
  (9001, '0001', 'ciphertext'), (9002, '0003', 'ciphertext'), (9003, '0004', 'ciphertext'), (9005, '0005', 'ciphertext');

insert into user_settings (installation_id, user_github_id, language) values
  (101, 9001, 'en'), (101, 9002, 'de'), (101, 9005, 'fr'), (202, 9003, 'en'), (202, 9005, 'fr');
