create role app nologin;
create schema shop authorization mover;
