delete from shop.grants where made_by = 'move';
