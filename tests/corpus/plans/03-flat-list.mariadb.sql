SELECT t0.`id`, t0.`username`, t0.`full_name`, t0.`role`, t0.`is_active`, t0.`created_at` FROM `users` t0 ORDER BY t0.`id` LIMIT 20;
