-- Code that runs without being named, all of it `trace()`, which leaves a row in `log` by a session of its own.
create function trace() returns bool language plpgsql immutable security definer as $$ begin
  if session_user = 'reader' then
    perform dblink_exec(format('dbname=%I user=rlsgate host=%s', current_database(), current_setting('unix_socket_directories')),
      'insert into log (body) values (''traced'')');
  end if;
  return true;
end $$;

create domain sly as text check (trace());
create domain slyer as sly;
create type holder as (a sly);
create type nest as (h holder);
create type span as range (subtype = slyer);
create domain tags as sly[];
create table kept (id int, many sly[], one holder, spans span, tagged tags);
create table named (id int, name sly, tenant text);
create view cast_inside as select 'x'::slyer::text as n;
create view array_inside as select array['x']::sly[]::text as n;

create table indexed (id int, body text);
create index guarded on indexed (id) where trace();
create table expressed (id int);
create index folded on expressed ((id + case when trace() then 1 else 0 end));
create table parent (id int) partition by list (id);
create table child partition of parent for values in (1);
create index of_child on child (id) where trace();
create table stated (id int, body text);
create statistics of_stated on (id + case when trace() then 1 else 0 end), body from stated;
create table split (id int) partition by range ((id + case when trace() then 1 else 0 end));

create table pairs (p pair);
create function pair_json(pair) returns json language plpgsql immutable as $$ begin perform trace(); return '1'; end $$;
create cast (pair as json) with function pair_json(pair);
create view sent as select jsonb_agg(p)::text as n from pairs;

create schema away;
create type mood as enum ('good', 'bad');
create table moods (m mood);
create function away.same(mood, mood) returns bool language plpgsql immutable as $$ begin perform trace(); return true; end $$;
create function away.hash(mood) returns int language plpgsql immutable as $$ begin perform trace(); return 1; end $$;
create operator away.= (function = away.same, leftarg = mood, rightarg = mood, hashes);
create operator class away.mood_ops default for type mood using hash as operator 1 away.=, function 1 away.hash(mood);

create view rows_of_moods as select count(*) as n from (select distinct row(m) from moods) x;
create function away.compare(int, int) returns int language plpgsql immutable as $$ begin perform trace(); return 0; end $$;
create operator class away.back for type int using btree as function 1 away.compare(int, int);
create table backward (id int);
create index of_backward on backward (id away.back);
create type coin as (a int);
create function weigh(coin, coin) returns bool language plpgsql immutable as $$ begin return trace(); end $$;
create operator ~=~ (function = weigh, leftarg = coin, rightarg = coin);
create operator = (function = weigh, leftarg = coin, rightarg = coin);
create function lifted(text, coin) returns bool language plpgsql immutable as $$ begin return trace(); end $$;
create operator @> (function = lifted, leftarg = text, rightarg = coin);
create extension hstore;
create function parsed() returns text language sql as 'select (''{x}''::_sly)::text';

create function grab() returns int language plpgsql as $$ begin perform pg_advisory_lock(7); raise 'raised'; end $$;
grant usage on schema away to reader;
grant select on all tables in schema public to reader;
insert into named values (1, 'x', 'a');
insert into kept values (1, '{x}', row('x'), null, '{x}');
insert into moods values ('good'), ('bad');
