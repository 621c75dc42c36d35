SELECT COUNT(*) FROM `products` t0 WHERE ((t0.`is_featured` <> 0) = ?);
SELECT t0.`name`, t0.`price`, t1.`id`, t1.`name` FROM `products` t0 LEFT JOIN `categories` t1 ON t1.`id` = t0.`category_id` WHERE ((t0.`is_featured` <> 0) = ?) ORDER BY t0.`price` DESC, t0.`id` LIMIT 4;
