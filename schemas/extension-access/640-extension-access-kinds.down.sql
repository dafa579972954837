-- Fails where rows of the new kinds are there: they would have to go first, and that is not this file's to decide.
alter table cinatra.extension_access_policy
  add constraint extension_access_policy_kind_check check (resource_kind in ('agent', 'skill', 'workflow')),
  drop constraint extension_access_policy_kind_check_v2;
alter table cinatra.extension_co_owners
  add constraint extension_co_owners_kind_check check (resource_kind in ('agent', 'skill', 'workflow')),
  drop constraint extension_co_owners_kind_check_v2;
