<?php
// One page of a portal as CodeIgniter serves it: the session is locked for as long as this runs, also for a client that
// has left. What is shown was drawn before (check_php.py); `TAKES_MS` is how long the work takes.
ignore_user_abort(true);
session_name('ci_session');
session_start();

usleep((int) getenv('TAKES_MS') * 1000);

$store = preg_replace('/[^A-Z0-9]/', '', $_GET['store_code'] ?? '');
$page = basename(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));

if (empty($_SESSION['logged_in'])) {
    header('Content-Type: text/html; charset=UTF-8');
    readfile(getenv('PAGES') . '/logged_out.html');
} else {
    $is_export = $page !== 'partner_dashboard';
    header('Content-Type: ' . ($is_export ? 'text/csv;charset=UTF-8' : 'text/html; charset=UTF-8'));
    readfile(getenv('PAGES') . "/$store-$page");
}
