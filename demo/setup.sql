-- What the tour starts from: the extension, and a CRM.
CREATE EXTENSION batch_fdw;
CREATE SCHEMA crm;
CREATE TABLE crm.accounts (domain text, owner text);
INSERT INTO crm.accounts VALUES ('northwind.example', 'Ada'), ('tanuki.example', 'Bo'),
  ('pizski.example', 'Cleo'), ('nobody.example', 'Dov');
