drop table shop.grants, shop.old_grants;
