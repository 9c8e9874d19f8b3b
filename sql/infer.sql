SELECT * FROM batch_fdw_infer('crustdata.results');
