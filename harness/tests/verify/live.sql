do $$ begin
  if not exists (select from pg_roles where rolname = 'app') then
    create role app;
    create role reader login bypassrls;
    create role person login;
    create role operator login bypassrls in role pg_read_server_files;
  end if;
end $$;
grant create on schema public to app;
set role app;

create table notes (id int primary key, tenant text not null, body text);
insert into notes values (1, 'a', 'milk'), (2, 'b', 'bread');
alter table notes enable row level security;
create policy own on notes using (tenant = current_setting('app.tenant', true));
create table log (id serial primary key, body text);
insert into log (body) values ('first');

create function bump() returns int language plpgsql as $$ begin insert into log (body) values ('bumped'); return 1; end $$;
create function hush() returns int language plpgsql immutable as $$ begin perform pg_advisory_lock(7); return 1; end $$;
create function label(notes) returns text language sql stable as $$ select pg_notify('x', 'y')::text $$;
create function slug(text) returns text language sql immutable as $$ select lower($1) $$;
create function same(text, int) returns bool language sql immutable as $$ select hush() = 1 $$;
create operator === (function = same, leftarg = text, rightarg = int);
create aggregate tally(int) (sfunc = int4pl, stype = int, initcond = '0');
create type pair as (a int);
create function to_pair(int) returns pair language sql immutable as $$ select row(hush())::pair $$;
create cast (int as pair) with function to_pair(int);
create domain short as text check (hush() = 1);
create view peek as select bump() as n;
create view over_peek as select n from peek;
create view fine as select count(*) as n from notes;
create view ending as select pg_terminate_backend(pg_backend_pid());
create view tasted as select 'x'::text === 1 as n;
create rule told as on insert to fine do instead select bump();
create view sleeping as select pg_sleep(10)::text as n;
reset role;

create extension file_fdw;
create extension dblink;
create extension tablefunc;
create extension citext;
create server programs foreign data wrapper file_fdw;
create foreign table program (line text) server programs options (program 'touch way_out_program');
create view over_program as select line from program;
create table parts (line text) partition by list (line);
create foreign table parts_1 partition of parts for values in ('x') server programs options (program 'touch way_out_part');
select lo_create(4711);
grant select on all tables in schema public to reader, person, operator;
