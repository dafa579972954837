create table shop.old_grants (
    org     text not null,
    package text not null,
    level   text,
    primary key (org, package)
);
create table shop.grants (
    id      bigint generated always as identity primary key,
    org     text not null,
    package text not null,
    level   text,
    made_by text not null
);
alter table shop.old_grants enable row level security;
alter table shop.grants enable row level security;
create policy own on shop.old_grants for select to app using (org = current_setting('app.org', true));
create policy own on shop.grants for select to app using (org = current_setting('app.org', true));
grant usage on schema shop to app;
grant select on shop.old_grants, shop.grants to app;
