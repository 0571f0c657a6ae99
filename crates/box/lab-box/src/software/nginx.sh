# nginx: a page with the service's name at each port; with a certificate of its own where browsers expect one.
mkdir -p "$DATA/page"
echo "$SERVICES" >"$DATA/page/index.html"
if [ ! -f "$DATA/key.pem" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$(hostname)" \
        -keyout "$DATA/key.pem" -out "$DATA/certificate.pem"
fi
{
    echo "user www-data; worker_processes 1; pid $DATA/pid; error_log $DATA/errors;"
    echo "events { worker_connections 256; }"
    echo "http { access_log off; server_tokens off;"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $DATA/$kind;"; done
    for port in $PORTS; do
        case "$port" in *443) secure=' ssl' ;; *) secure='' ;; esac
        echo "server { listen $port$secure; listen [::]:$port$secure; root $DATA/page;"
        echo "ssl_certificate $DATA/certificate.pem; ssl_certificate_key $DATA/key.pem; }"
    done
    echo "}"
} >"$DATA/nginx.conf"
rm -f "$DATA/pid"
nginx -p "$DATA" -e "$DATA/errors" -c "$DATA/nginx.conf"
