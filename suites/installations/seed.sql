-- Two installations and the people around them. For every actor there is a row that it may reach and one that it may not, in
-- every relation where the contract draws that line.

insert into installations (id, account_login) values (101, 'acme'), (202, 'globex');

insert into users (github_id, login, display_name, email) values
  (9001, 'ann',   'Ann',   'ann@example.test'),
  (9002, 'abe',   'Abe',   'abe@example.test'),
  (9003, 'bea',   'Bea',   'bea@example.test'),
  (9005, 'cleo',  'Cleo',  'cleo@example.test'),
  (9009, 'spare', 'Spare', 'spare@example.test');   -- in no installation: who is made a member in probes

insert into installation_members (installation_id, user_github_id, role) values
  (101, 9001, 'owner'), (101, 9002, 'member'), (101, 9005, 'member'),
  (202, 9003, 'owner'), (202, 9005, 'member');      -- cleo is in both

insert into repositories (installation_id, id, full_name) values
  (101, 5001, 'acme/api'), (101, 5002, 'acme/web'), (202, 6001, 'globex/api');

insert into reviews (id, installation_id, repository_id, pull_number, author_github_id, status) overriding system value values
  (1010, 101, 5001, 1, 9002, 'running'),
  (1011, 101, 5002, 7, 9005, 'queued'),
  (2020, 202, 6001, 3, 9003, 'running'),
  (2021, 202, 6001, 4, 9005, 'done');

-- 1999 is a review of acme that is gone.
insert into review_audit (installation_id, review_id, verdict, actor_github_id) values
  (101, 1010, 'commented', 9001),
  (101, 1011, 'approved', 9002),
  (101, 1999, 'approved', 9001),
  (202, 2020, 'changes_requested', 9003),
  (202, 2021, 'commented', 9005);

insert into model_audit (installation_id, review_id, user_github_id, provider, model, prompt_tokens, completion_tokens) values
  (101, 1010, 9001, 'openai', 'model-1', 900, 90),
  (101, 1999, null, 'anthropic', 'model-2', 800, 80),
  (202, 2020, 9003, 'openai', 'model-1', 700, 70);

-- `encrypted_key` holds what the application encrypted; these are not secrets.
insert into user_api_keys (user_github_id, provider, last_four, encrypted_key) values
  (9001, 'openai', '0001', 'ciphertext'), (9001, 'anthropic', '0002', 'ciphertext'),
  (9002, 'openai', '0003', 'ciphertext'),
  (9003, 'mistral', '0004', 'ciphertext'),
  (9005, 'openai', '0005', 'ciphertext');

insert into user_settings (installation_id, user_github_id, language) values
  (101, 9001, 'en'), (101, 9002, 'de'), (101, 9005, 'fr'),
  (202, 9003, 'en'), (202, 9005, 'fr');
