/* Afterclick dashboard, Apache-2.0; with uPlot, MIT, Copyright (c) 2022 Leon Sorokin */
(()=>{var j=e=>document.getElementById(e);function C(e,l={},...o){let t=document.createElement(e);for(let[i,r]of Object.entries(l))if(!(r==null||r===!1))if(i==="on")for(let[
f,h]of Object.entries(r))t.addEventListener(f,h);else t.setAttribute(i,r===!0?"":r);return t.append(...o.filter(i=>i!=null&&i!=="")),t}var Ft=e=>C("bdi",{},e);function Ge(e,...l){
e.classList.remove("busy"),e.replaceChildren(...l)}function rl(e,l,o){return C("div",{class:"scroll",role:"region",tabindex:"0","aria-label":e},C("table",{},C("\
caption",{},e),C("thead",{},C("tr",{},...l)),C("tbody",{},...o)))}var $e=(e,l={})=>C("th",{scope:"col",...l},e),tt=(e,l={})=>C("td",l,e);var yo=e=>new Intl.NumberFormat(void 0,{maximumFractionDigits:e,minimumFractionDigits:e}),zs=yo(0),Fs=yo(1),_o=yo(2),qt=e=>e!=null&&Number.isFinite(e),He=e=>qt(
e)?(Number.isInteger(e)?zs:e<100?_o:Fs).format(e):"\u2013",Je=e=>qt(e)?(Math.abs(e)>=1e4?zs:_o).format(e):"\u2013",An=e=>qt(e)?_o.format(e):"\u2013",cl=e=>qt(e)?
Fs.format(100*e)+" %":"\u2013",$s=e=>e===0?"0":new Intl.NumberFormat(void 0,{notation:"compact",maximumSignificantDigits:3}).format(e),vo=e=>new Date(e+"T00:00:\
00Z"),Vl=e=>vo(e).toLocaleDateString(void 0,{day:"numeric",month:"short",year:"numeric",timeZone:"UTC"}),bo=(e,l)=>new Date(vo(e).getTime()+l*864e5).toISOString().
slice(0,10),Hs=e=>vo(e).getTime()/1e3;function xo(e){let l=Math.max(0,Math.round(e/1e3));return l<90?`${l} s`:l<5400?`${Math.round(l/60)} min`:l<129600?`${Math.
round(l/3600)} h`:`${Math.round(l/86400)} days`}var ko=[["visits","Visits",He],["conversions","Conversions",He],["net_revenue","Net revenue",Je],["cost","Spend",Je],["roas","ROAS",An],["roi","ROI",cl],["cpa",
"CPA",Je]],fc=["visits","conversions","net_revenue","cost","margin_revenue"],Dn=[],Is=null,al=null,rn="net_revenue",zl=!0,fl="",$t=new Set;function sn(e){let l={};
for(let o of fc)l[o]=e.some(t=>t[o]===null)?null:e.reduce((t,i)=>t+i[o],0);return Gs(l)}function Gs(e){return e.roas=e.cost?e.net_revenue/e.cost:null,e.roi=e.cost?
(e.margin_revenue-e.cost)/e.cost:null,e.cpa=e.conversions&&e.cost!==null?e.cost/e.conversions:null,e}function Ws(e,l,o){let t=new Map;for(let i of e)t.set(i[l],
[...t.get(i[l])||[],i]);return[...t].map(([i,r])=>o(i,r))}function Us(e){al=e;let l=e.rows.map(t=>{let i=Object.fromEntries(e.columns.map((r,f)=>[r,t[f]]));return i.
margin_revenue=i.net_revenue*i.margin,i}),o=t=>({title:t.campaign,id:JSON.stringify([t.channel,t.source,t.medium,t.campaign]),more:t.medium,text:`${t.channel} ${t.
source} ${t.medium} ${t.campaign}`.toLowerCase(),...Gs(t)});Dn=Ws(l,"channel",(t,i)=>({title:t,id:JSON.stringify([t]),...sn(i),children:Ws(i,"source",(r,f)=>({title:r,
id:JSON.stringify([t,r]),...sn(f),children:f.map(o)}))})),Is=sn(l),cn()}var Bs=(e,l)=>{let[o,t]=[e[rn],l[rn]];return typeof o=="string"?(zl?-1:1)*o.localeCompare(
t):o===t?e.title.localeCompare(l.title):o==null?1:t==null?-1:zl?t-o:o-t};function Ys(e){if(!fl)return e;if(!e.children)return e.text.includes(fl)?e:null;let l=e.
children.map(Ys).filter(Boolean);return l.length?{...e,...sn(l),children:l}:null}var js=e=>ko.map(([l,,o])=>tt(o(e[l])));function qs(e,l,o){let t=fl!==""||$t.has(
e.id),i=e.children?C("button",{type:"button","aria-expanded":String(t),"data-id":e.id,on:{click:()=>uc(e.id)}},Ft(e.title)):Ft(e.title);if(o.push(C("tr",{class:`\
l${l}`},C("th",{scope:"row"},i,e.more?C("small",{},Ft(e.more)):""),...js(e))),e.children&&t)for(let r of[...e.children].sort(Bs))qs(r,l+1,o)}function uc(e){$t.has(
e)?$t.delete(e):$t.add(e),cn(e)}function hc(e){rn===e?zl=!zl:(rn=e,zl=e!=="title"),cn(null,e)}function cn(e,l){let o=j("campaigns"),t=[],i=Dn.map(Ys).filter(Boolean),
r=o.firstChild?.scrollLeft||0;for(let d of[...i].sort(Bs))qs(d,1,t);let f=d=>d.children?d.children.reduce((w,L)=>w+f(L),0):1,h=i.reduce((d,w)=>d+f(w),0),p=Dn.reduce(
(d,w)=>d+f(w),0),g=al.rows.length?al.rows[0][al.columns.indexOf("all_rows")]-al.rows.length:0;if(j("campaigns-note").replaceChildren(fl?`${He(h)} of ${He(p)} ca\
mpaigns match.`:`${He(p)} campaigns`+(g>0?`; ${He(g)} smaller ones are only in the CSV.`:".")),!p){Ge(o,C("p",{class:"empty"},"No visits, conversions or costs i\
n these days."));return}let _=[["title","Channel, source, campaign"],...ko].map(([d,w])=>$e(C("button",{type:"button","data-key":d,on:{click:()=>hc(d)}},w),{"ar\
ia-sort":rn===d?zl?"descending":"ascending":null}));t.length?t.push(C("tr",{class:"foot"},C("th",{scope:"row"},fl?"Found":"Total"),...js(fl?sn(i):Is))):t.push(C(
"tr",{},C("td",{class:"text",colspan:ko.length+1},"Nothing matches."))),Ge(o,rl("Channels, sources and campaigns",_,t)),o.firstChild.scrollLeft=r,l&&o.querySelector(
`[data-key=${l}]`).focus(),e&&[...o.querySelectorAll("tbody button")].find(d=>d.dataset.id===e)?.focus(),j("unfold").textContent=$t.size?"Fold all":"Unfold all"}
function Ks(){j("search").addEventListener("input",e=>{fl=e.target.value.trim().toLowerCase(),al&&cn()}),j("unfold").addEventListener("click",()=>{let e=$t.size>
0;if($t.clear(),!e)for(let l of Dn){$t.add(l.id);for(let o of l.children)$t.add(o.id)}al&&cn()})}var mc="uplot",dc="u-hz",gc="u-vt",wc="u-title",Sc="u-wrap",yc="u-under",_c="u-over",vc="u-axis",pl="u-off",bc="u-select",xc="u-cursor-x",kc="u-cursor-y",Tc="u-\
cursor-pt",Mc="u-legend",Ec="u-live",Ac="u-inline",Dc="u-series",Lc="u-marker",Js="u-label",Pc="u-value",fn="width",un="height";var Zs="bottom",Fl="left",To="right",Io="#000",Qs=Io+"0",Mo="mousemove",Xs="mousedown",Eo="mouseup",ei="mouseenter",ti="mouseleave",li="dblclick",Cc="resize",Nc="\
scroll",ni="change",On="dppxchange",Go="--",Bl=typeof window<"u",Co=Bl?document:null,Hl=Bl?window:null,Oc=Bl?navigator:null,re,Ln;function No(){let e=devicePixelRatio;
re!=e&&(re=e,Ln&&Ro(ni,Ln,No),Ln=matchMedia(`(min-resolution: ${re-.001}dppx) and (max-resolution: ${re+.001}dppx)`),ml(ni,Ln,No),Hl.dispatchEvent(new CustomEvent(
On)))}function rt(e,l){if(l!=null){let o=e.classList;!o.contains(l)&&o.add(l)}}function Oo(e,l){let o=e.classList;o.contains(l)&&o.remove(l)}function Se(e,l,o){
e.style[l]=o+"px"}function kt(e,l,o,t){let i=Co.createElement(e);return l!=null&&rt(i,l),o?.insertBefore(i,t),i}function wt(e,l){return kt("div",e,l)}var oi=new WeakMap;
function Ot(e,l,o,t,i){let r="translate("+l+"px,"+o+"px)",f=oi.get(e);r!=f&&(e.style.transform=r,oi.set(e,r),l<0||o<0||l>t||o>i?rt(e,pl):Oo(e,pl))}var si=new WeakMap;
function ii(e,l,o){let t=l+o,i=si.get(e);t!=i&&(si.set(e,t),e.style.background=l,e.style.borderColor=o)}var ri=new WeakMap;function ci(e,l,o,t){let i=l+""+o,r=ri.
get(e);i!=r&&(ri.set(e,i),e.style.height=o+"px",e.style.width=l+"px",e.style.marginLeft=t?-l/2+"px":0,e.style.marginTop=t?-o/2+"px":0)}var Uo={passive:!0},Rc={...Uo,
capture:!0};function ml(e,l,o,t){l.addEventListener(e,o,t?Rc:Uo)}function Ro(e,l,o,t){l.removeEventListener(e,o,Uo)}Bl&&No();function Tt(e,l,o,t){let i;o=o||0,t=
t||l.length-1;let r=t<=2147483647;for(;t-o>1;)i=r?o+t>>1:ct((o+t)/2),l[i]<e?o=i:t=i;return e-l[o]<=l[t]-e?o:t}function Vi(e){return(o,t,i)=>{let r=-1,f=-1;for(let h=t;h<=
i;h++)if(e(o[h])){r=h;break}for(let h=i;h>=t;h--)if(e(o[h])){f=h;break}return[r,f]}}var zi=e=>e!=null,Fi=e=>e!=null&&e>0,zn=Vi(zi),Vc=Vi(Fi);function zc(e,l,o,t=0,i=!1){
let r=i?Vc:zn,f=i?Fi:zi;[l,o]=r(e,l,o);let h=e[l],p=e[l];if(l>-1)if(t==1)h=e[l],p=e[o];else if(t==-1)h=e[o],p=e[l];else for(let g=l;g<=o;g++){let _=e[g];f(_)&&(_<
h?h=_:_>p&&(p=_))}return[h??he,p??-he]}function Fn(e,l,o,t){let i=ui(e),r=ui(l);e==l&&(i==-1?(e*=o,l/=o):(e/=o,l*=o));let f=o==10?Ht:$i,h=i==1?ct:St,p=r==1?St:ct,
g=h(f(Le(e))),_=p(f(Le(l))),d=Wl(o,g),w=Wl(o,_);return o==10&&(g<0&&(d=pe(d,-g)),_<0&&(w=pe(w,-_))),t||o==2?(e=d*i,l=w*r):(e=Gi(e,d),l=$n(l,w)),[e,l]}function Bo(e,l,o,t){
let i=Fn(e,l,o,t);return e==0&&(i[0]=0),l==0&&(i[1]=0),i}var Yo=.1,ai={mode:3,pad:Yo},pn={pad:0,soft:null,mode:0},Fc={min:pn,max:pn};function Rn(e,l,o,t){return Hn(
o)?fi(e,l,o):(pn.pad=o,pn.soft=t?0:null,pn.mode=t?3:0,fi(e,l,Fc))}function se(e,l){return e??l}function $c(e,l,o){for(l=se(l,0),o=se(o,e.length-1);l<=o;){if(e[l]!=
null)return!0;l++}return!1}function fi(e,l,o){let t=o.min,i=o.max,r=se(t.pad,0),f=se(i.pad,0),h=se(t.hard,-he),p=se(i.hard,he),g=se(t.soft,he),_=se(i.soft,-he),
d=se(t.mode,0),w=se(i.mode,0),L=l-e,P=Ht(L),F=Ze(Le(e),Le(l)),H=Ht(F),I=Le(H-P);(L<1e-24||I>10)&&(L=0,(e==0||l==0)&&(L=1e-24,d==2&&g!=he&&(r=0),w==2&&_!=-he&&(f=
0)));let b=L||F||1e3,$=Ht(b),x=Wl(10,ct($)),J=b*(L==0?e==0?.1:1:r),D=pe(Gi(e-J,x/10),24),Z=e>=g&&(d==1||d==3&&D<=g||d==2&&D>=g)?g:he,Y=Ze(h,D<Z&&e>=Z?Z:Mt(Z,D)),
ee=b*(L==0?l==0?.1:1:f),B=pe($n(l+ee,x/10),24),k=l<=_&&(w==1||w==3&&B>=_||w==2&&B<=_)?_:-he,K=Mt(p,B>k&&l<=k?k:Ze(k,B));return Y==K&&Y==0&&(K=100),[Y,K]}var Hc=new Intl.
NumberFormat(Bl?Oc.language:"en-US"),jo=e=>Hc.format(e),at=Math,Nn=at.PI,Le=at.abs,ct=at.floor,De=at.round,St=at.ceil,Mt=at.min,Ze=at.max,Wl=at.pow,ui=at.sign,Ht=at.
log10,$i=at.log2,Wc=(e,l=1)=>at.sinh(e)*l,Ao=(e,l=1)=>at.asinh(e/l),he=1/0;function hi(e){return(Ht((e^e>>31)-(e>>31))|0)+1}function Vo(e,l,o){return Mt(Ze(e,l),
o)}function Hi(e){return typeof e=="function"}function te(e){return Hi(e)?e:()=>e}var Ic=()=>{},Wi=e=>e,Ii=(e,l)=>l,Gc=e=>null,pi=e=>!0,mi=(e,l)=>e==l,Uc=/\.\d*?(?=9{6,}|0{6,})/gm,
dl=e=>{if(Bi(e)||Jt.has(e))return e;let l=`${e}`,o=l.match(Uc);if(o==null)return e;let t=o[0].length-1;if(l.indexOf("e-")!=-1){let[i,r]=l.split("e");return+`${dl(
i)}e${r}`}return pe(e,t)};function ul(e,l){return dl(pe(dl(e/l))*l)}function $n(e,l){return dl(St(dl(e/l))*l)}function Gi(e,l){return dl(ct(dl(e/l))*l)}function pe(e,l=0){
if(Bi(e))return e;let o=10**l,t=e*o*(1+Number.EPSILON);return De(t)/o}var Jt=new Map;function Ui(e){return((""+e).split(".")[1]||"").length}function dn(e,l,o,t){
let i=[],r=t.map(Ui);for(let f=l;f<o;f++){let h=Le(f),p=pe(Wl(e,f),h);for(let g=0;g<t.length;g++){let _=e==10?+`${t[g]}e${f}`:t[g]*p,d=(f>=0?0:h)+(f>=r[g]?0:r[g]),
w=e==10?_:pe(_,d);i.push(w),Jt.set(w,d)}}return i}var mn={},qo=[],Il=[null,null],Kt=Array.isArray,Bi=Number.isInteger,Bc=e=>e===void 0;function di(e){return typeof e==
"string"}function Hn(e){let l=!1;if(e!=null){let o=e.constructor;l=o==null||o==Object}return l}function Yc(e){return e!=null&&typeof e=="object"}var jc=Object.getPrototypeOf(
Uint8Array),Yi="__proto__";function Gl(e,l=Hn){let o;if(Kt(e)){let t=e.find(i=>i!=null);if(Kt(t)||l(t)){o=Array(e.length);for(let i=0;i<e.length;i++)o[i]=Gl(e[i],
l)}else o=e.slice()}else if(e instanceof jc)o=e.slice();else if(l(e)){o={};for(let t in e)t!=Yi&&(o[t]=Gl(e[t],l))}else o=e;return o}function Me(e){let l=arguments;
for(let o=1;o<l.length;o++){let t=l[o];for(let i in t)i!=Yi&&(Hn(e[i])?Me(e[i],Gl(t[i])):e[i]=Gl(t[i]))}return e}var qc=0,Kc=1,Jc=2;function Zc(e,l,o){for(let t=0,
i,r=-1;t<l.length;t++){let f=l[t];if(f>r){for(i=f-1;i>=0&&e[i]==null;)e[i--]=null;for(i=f+1;i<o&&e[i]==null;)e[r=i++]=null}}}function Qc(e,l){if(ta(e)){let f=e[0].
slice();for(let h=1;h<e.length;h++)f.push(...e[h].slice(1));return la(f[0])||(f=ea(f)),f}let o=new Set;for(let f=0;f<e.length;f++){let p=e[f][0],g=p.length;for(let _=0;_<
g;_++)o.add(p[_])}let t=[Array.from(o).sort((f,h)=>f-h)],i=t[0].length,r=new Map;for(let f=0;f<i;f++)r.set(t[0][f],f);for(let f=0;f<e.length;f++){let h=e[f],p=h[0];
for(let g=1;g<h.length;g++){let _=h[g],d=Array(i).fill(void 0),w=l?l[f][g]:Kc,L=[];for(let P=0;P<_.length;P++){let F=_[P],H=r.get(p[P]);F===null?w!=qc&&(d[H]=F,
w==Jc&&L.push(H)):d[H]=F}Zc(d,L,i),t.push(d)}}return t}var Xc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function ea(e){let l=e[0],o=l.
length,t=Array(o);for(let r=0;r<t.length;r++)t[r]=r;t.sort((r,f)=>l[r]-l[f]);let i=[];for(let r=0;r<e.length;r++){let f=e[r],h=Array(o);for(let p=0;p<o;p++)h[p]=
f[t[p]];i.push(h)}return i}function ta(e){let l=e[0][0],o=l.length;for(let t=1;t<e.length;t++){let i=e[t][0];if(i.length!=o)return!1;if(i!=l){for(let r=0;r<o;r++)
if(i[r]!=l[r])return!1}}return!0}function la(e,l=100){let o=e.length;if(o<=1)return!0;let t=0,i=o-1;for(;t<=i&&e[t]==null;)t++;for(;i>=t&&e[i]==null;)i--;if(i<=
t)return!0;let r=Ze(1,ct((i-t+1)/l));for(let f=e[t],h=t+r;h<=i;h+=r){let p=e[h];if(p!=null){if(p<=f)return!1;f=p}}return!0}var ji=["January","February","March",
"April","May","June","July","August","September","October","November","December"],qi=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Ki(e){
return e.slice(0,3)}var na=qi.map(Ki),oa=ji.map(Ki),sa={MMMM:ji,MMM:oa,WWWW:qi,WWW:na};function an(e){return(e<10?"0":"")+e}function ia(e){return(e<10?"00":e<100?
"0":"")+e}var ra={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,l)=>l.MMMM[e.getMonth()],MMM:(e,l)=>l.MMM[e.getMonth()],MM:e=>an(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>an(e.getDate()),D:e=>e.getDate(),WWWW:(e,l)=>l.WWWW[e.getDay()],WWW:(e,l)=>l.WWW[e.getDay()],HH:e=>an(e.getHours()),H:e=>e.getHours(),
h:e=>{let l=e.getHours();return l==0?12:l>12?l-12:l},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>an(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>an(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>ia(e.getMilliseconds())};function Ko(e,l){l=l||sa;let o=[],t=/\{([a-z]+)\}|[^{]+/gi,
i;for(;i=t.exec(e);)o.push(i[0][0]=="{"?ra[i[1]]:i[0]);return r=>{let f="";for(let h=0;h<o.length;h++)f+=typeof o[h]=="string"?o[h]:o[h](r,l);return f}}var ca=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function aa(e,l){let o;return l=="UTC"||l=="Etc/UTC"?o=new Date(+e+e.getTimezoneOffset()*6e4):l==ca?o=e:(o=new Date(
e.toLocaleString("en-US",{timeZone:l})),o.setMilliseconds(e.getMilliseconds())),o}var Ji=e=>e%1==0,Vn=[1,2,2.5,5],fa=dn(10,-32,0,Vn),Zi=dn(10,0,32,Vn),ua=Zi.filter(
Ji),hl=fa.concat(Zi),Jo=`
`,Qi="{YYYY}",gi=Jo+Qi,Xi="{M}/{D}",hn=Jo+Xi,Pn=hn+"/{YY}",er="{aa}",ha="{h}:{mm}",$l=ha+er,wi=Jo+$l,Si=":{ss}",ae=null;function tr(e){let l=e*1e3,o=l*60,t=o*60,
i=t*24,r=i*30,f=i*365,p=(e==1?dn(10,0,3,Vn).filter(Ji):dn(10,-3,0,Vn)).concat([l,l*5,l*10,l*15,l*30,o,o*5,o*10,o*15,o*30,t,t*2,t*3,t*4,t*6,t*8,t*12,i,i*2,i*3,i*
4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,f,f*2,f*5,f*10,f*25,f*50,f*100]),g=[[f,Qi,ae,ae,ae,ae,ae,ae,1],[i*28,"{MMM}",gi,ae,ae,ae,ae,ae,1],[i,Xi,gi,ae,
ae,ae,ae,ae,1],[t,"{h}"+er,Pn,ae,hn,ae,ae,ae,1],[o,$l,Pn,ae,hn,ae,ae,ae,1],[l,Si,Pn+" "+$l,ae,hn+" "+$l,ae,wi,ae,1],[e,Si+".{fff}",Pn+" "+$l,ae,hn+" "+$l,ae,wi,
ae,1]];function _(d){return(w,L,P,F,H,I)=>{let b=[],$=H>=f,x=H>=r&&H<f,J=d(P),D=pe(J*e,3),Z=Do(J.getFullYear(),$?0:J.getMonth(),x||$?1:J.getDate()),Y=pe(Z*e,3);
if(x||$){let ee=x?H/r:0,B=$?H/f:0,k=D==Y?D:pe(Do(Z.getFullYear()+B,Z.getMonth()+ee,1)*e,3),K=new Date(De(k/e)),N=K.getFullYear(),G=K.getMonth();for(let z=0;k<=F;z++){
let le=Do(N+B*z,G+ee*z,1),V=le-d(pe(le*e,3));k=pe((+le+V)*e,3),k<=F&&b.push(k)}}else{let ee=H>=i?i:H,B=ct(P)-ct(D),k=Y+B+$n(D-Y,ee);b.push(k);let K=d(k),N=K.getHours()+
K.getMinutes()/o+K.getSeconds()/t,G=H/t,z=w.axes[L]._space,le=I/z;for(;k=pe(k+H,e==1?0:3),!(k>F);)if(G>1){let V=ct(pe(N+G,6))%24,ne=d(k).getHours()-V;ne>1&&(ne=
-1),k-=ne*t,N=(N+G)%24;let fe=b[b.length-1];pe((k-fe)/H,3)*le>=.7&&b.push(k)}else b.push(k)}return b}}return[p,g,_]}var[pa,ma,da]=tr(1),[ga,wa,Sa]=tr(.001);dn(2,
-53,53,[1]);function yi(e,l){return e.map(o=>o.map((t,i)=>i==0||i==8||t==null?t:l(i==1||o[8]==0?t:o[1]+t)))}function _i(e,l){return(o,t,i,r,f)=>{let h=l.find(P=>f>=
P[0])||l[l.length-1],p,g,_,d,w,L;return t.map(P=>{let F=e(P),H=F.getFullYear(),I=F.getMonth(),b=F.getDate(),$=F.getHours(),x=F.getMinutes(),J=F.getSeconds(),D=H!=
p&&h[2]||I!=g&&h[3]||b!=_&&h[4]||$!=d&&h[5]||x!=w&&h[6]||J!=L&&h[7]||h[1];return p=H,g=I,_=b,d=$,w=x,L=J,D(F)})}}function ya(e,l){let o=Ko(l);return(t,i,r,f,h)=>i.
map(p=>o(e(p)))}function Do(e,l,o){return new Date(e,l,o)}function vi(e,l){return l(e)}var _a="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function bi(e,l){return(o,t,i,r)=>r==
null?Go:l(e(t))}function va(e,l){let o=e.series[l];return o.width?o.stroke(e,l):o.points.width?o.points.stroke(e,l):null}function ba(e,l){return e.series[l].fill(
e,l)}var xa={show:!0,live:!0,isolate:!1,mount:Ic,markers:{show:!0,width:2,stroke:va,fill:ba,dash:"solid"},idx:null,idxs:null,values:[]};function ka(e,l){let o=e.
cursor.points,t=wt(),i=o.size(e,l);Se(t,fn,i),Se(t,un,i);let r=i/-2;Se(t,"marginLeft",r),Se(t,"marginTop",r);let f=o.width(e,l,i);return f&&Se(t,"borderWidth",f),
t}function Ta(e,l){let o=e.series[l].points;return o._fill||o._stroke}function Ma(e,l){let o=e.series[l].points;return o._stroke||o._fill}function Ea(e,l){return e.
series[l].points.size}var Lo=[0,0];function Aa(e,l,o){return Lo[0]=l,Lo[1]=o,Lo}function Cn(e,l,o,t=!0){return i=>{i.button==0&&(!t||i.target==l)&&o(i)}}function Po(e,l,o,t=!0){
return i=>{(!t||i.target==l)&&o(i)}}var Da={show:!0,x:!0,y:!0,lock:!1,move:Aa,points:{one:!1,show:ka,size:Ea,width:0,stroke:Ma,fill:Ta},bind:{mousedown:Cn,mouseup:Cn,
click:Cn,dblclick:Cn,mousemove:Po,mouseleave:Po,mouseenter:Po},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,l)=>{l.stopPropagation(),l.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,l,o,t,i)=>t-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},lr={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Zo=Me({},lr,{filter:Ii}),nr=Me({},Zo,{size:10}),or=Me({},lr,{show:!1}),Qo='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',sr="bold "+Qo,ir=1.5,xi={
show:!0,scale:"x",stroke:Io,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:sr,side:2,grid:Zo,ticks:nr,border:or,font:Qo,lineGap:ir,rotate:0},
La="Value",Pa="Time",ki={show:!0,scale:"x",auto:!1,sorted:1,min:he,max:-he,idxs:[]};function Ca(e,l,o,t,i){return l.map(r=>r==null?"":jo(r))}function Na(e,l,o,t,i,r,f){
let h=[],p=Jt.get(i)||0;o=f?o:pe($n(o,i),p);for(let g=o;g<=t;g=pe(g+i,p))h.push(Object.is(g,-0)?0:g);return h}function zo(e,l,o,t,i,r,f){let h=[],p=e.scales[e.axes[l].
scale].log,g=p==10?Ht:$i,_=ct(g(o));i=Wl(p,_),p==10&&(i=hl[Tt(i,hl)]);let d=o,w=i*p;p==10&&(w=hl[Tt(w,hl)]);do h.push(d),d=d+i,p==10&&!Jt.has(d)&&(d=pe(d,Jt.get(
i))),d>=w&&(i=d,w=i*p,p==10&&(w=hl[Tt(w,hl)]));while(d<=t);return h}function Oa(e,l,o,t,i,r,f){let p=e.scales[e.axes[l].scale].asinh,g=t>p?zo(e,l,Ze(p,o),t,i):[
p],_=t>=0&&o<=0?[0]:[];return(o<-p?zo(e,l,Ze(p,-t),-o,i):[p]).reverse().map(w=>-w).concat(_,g)}var rr=/./,Ra=/[12357]/,Va=/[125]/,Ti=/1/,Fo=(e,l,o,t)=>e.map((i,r)=>l==
4&&i==0||r%t==0&&o.test(i.toExponential()[i<0?1:0])?i:null);function za(e,l,o,t,i){let r=e.axes[o],f=r.scale,h=e.scales[f],p=e.valToPos,g=r._space,_=p(10,f),d=p(
9,f)-_>=g?rr:p(7,f)-_>=g?Ra:p(5,f)-_>=g?Va:Ti;if(d==Ti){let w=Le(p(1,f)-_);if(w<g)return Fo(l.slice().reverse(),h.distr,d,St(g/w)).reverse()}return Fo(l,h.distr,
d,1)}function Fa(e,l,o,t,i){let r=e.axes[o],f=r.scale,h=r._space,p=e.valToPos,g=Le(p(1,f)-p(2,f));return g<h?Fo(l.slice().reverse(),3,rr,St(h/g)).reverse():l}function $a(e,l,o,t){
return t==null?Go:l==null?"":jo(l)}var Mi={show:!0,scale:"y",stroke:Io,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:sr,side:3,grid:Zo,ticks:nr,
border:or,font:Qo,lineGap:ir,rotate:0};function Ha(e,l){let o=3+(e||1)*2;return pe(o*l,3)}function Wa(e,l){let{scale:o,idxs:t}=e.series[0],i=e._data[0],r=e.valToPos(
i[t[0]],o,!0),f=e.valToPos(i[t[1]],o,!0),h=Le(f-r),p=e.series[l],g=h/(p.points.space*re);return t[1]-t[0]<=g}var Ei={scale:null,auto:!0,sorted:0,min:he,max:-he},
cr=(e,l,o,t,i)=>i,Ai={show:!0,auto:!0,sorted:0,gaps:cr,alpha:1,facets:[Me({},Ei,{scale:"x"}),Me({},Ei,{scale:"y"})]},Di={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:cr,alpha:1,points:{show:Wa,filter:null},values:null,min:he,max:-he,idxs:[],path:null,clip:null};function Ia(e,l,o,t,i){return o/10}var ar={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Ga=Me({},ar,{time:!1,ori:1}),Li={};function fr(e,l){let o=Li[e];return o||(o={key:e,plots:[],sub(t){o.plots.
push(t)},unsub(t){o.plots=o.plots.filter(i=>i!=t)},pub(t,i,r,f,h,p,g){for(let _=0;_<o.plots.length;_++)o.plots[_]!=i&&o.plots[_].pub(t,i,r,f,h,p,g)}},e!=null&&(Li[e]=
o)),o}var Ul=1,$o=2;function gl(e,l,o){let t=e.mode,i=e.series[l],r=t==2?e._data[l]:e._data,f=e.scales,h=e.bbox,p=r[0],g=t==2?r[1]:r[l],_=t==2?f[i.facets[0].scale]:
f[e.series[0].scale],d=t==2?f[i.facets[1].scale]:f[i.scale],w=h.left,L=h.top,P=h.width,F=h.height,H=e.valToPosH,I=e.valToPosV;return _.ori==0?o(i,p,g,_,d,H,I,w,
L,P,F,In,Yl,Un,hr,mr):o(i,p,g,_,d,I,H,L,w,F,P,Gn,jl,ts,pr,dr)}function Xo(e,l){let o=0,t=0,i=se(e.bands,qo);for(let r=0;r<i.length;r++){let f=i[r];f.series[0]==
l?o=f.dir:f.series[1]==l&&(f.dir==1?t|=1:t|=2)}return[o,t==1?-1:t==2?1:t==3?2:0]}function Ua(e,l,o,t,i){let r=e.mode,f=e.series[l],h=r==2?f.facets[1].scale:f.scale,
p=e.scales[h];return i==-1?p.min:i==1?p.max:p.distr==3?p.dir==1?p.min:p.max:0}function Wt(e,l,o,t,i,r){return gl(e,l,(f,h,p,g,_,d,w,L,P,F,H)=>{let I=f.pxRound,b=g.
dir*(g.ori==0?1:-1),$=g.ori==0?Yl:jl,x,J;b==1?(x=o,J=t):(x=t,J=o);let D=I(d(h[x],g,F,L)),Z=I(w(p[x],_,H,P)),Y=I(d(h[J],g,F,L)),ee=I(w(r==1?_.max:_.min,_,H,P)),B=new Path2D(
i);return $(B,Y,ee),$(B,D,ee),$(B,D,Z),B})}function Wn(e,l,o,t,i,r){let f=null;if(e.length>0){f=new Path2D;let h=l==0?Un:ts,p=o;for(let d=0;d<e.length;d++){let w=e[d];
if(w[1]>w[0]){let L=w[0]-p;L>0&&h(f,p,t,L,t+r),p=w[1]}}let g=o+i-p,_=10;g>0&&h(f,p,t-_/2,g,t+r+_)}return f}function Ba(e,l,o){let t=e[e.length-1];t&&t[0]==l?t[1]=
o:e.push([l,o])}function es(e,l,o,t,i,r,f){let h=[],p=e.length;for(let g=i==1?o:t;g>=o&&g<=t;g+=i)if(l[g]===null){let d=g,w=g;if(i==1)for(;++g<=t&&l[g]===null;)
w=g;else for(;--g>=o&&l[g]===null;)w=g;let L=r(e[d]),P=w==d?L:r(e[w]),F=d-i;L=f<=0&&F>=0&&F<p?r(e[F]):L;let I=w+i;P=f>=0&&I>=0&&I<p?r(e[I]):P,P>=L&&h.push([L,P])}
return h}function Pi(e){return e==0?Wi:e==1?De:l=>ul(l,e)}function ur(e){let l=e==0?In:Gn,o=e==0?(i,r,f,h,p,g)=>{i.arcTo(r,f,h,p,g)}:(i,r,f,h,p,g)=>{i.arcTo(f,r,
p,h,g)},t=e==0?(i,r,f,h,p)=>{i.rect(r,f,h,p)}:(i,r,f,h,p)=>{i.rect(f,r,p,h)};return(i,r,f,h,p,g=0,_=0)=>{g==0&&_==0?t(i,r,f,h,p):(g=Mt(g,h/2,p/2),_=Mt(_,h/2,p/2),
l(i,r+g,f),o(i,r+h,f,r+h,f+p,g),o(i,r+h,f+p,r,f+p,_),o(i,r,f+p,r,f,_),o(i,r,f,r+h,f,g),i.closePath())}}var In=(e,l,o)=>{e.moveTo(l,o)},Gn=(e,l,o)=>{e.moveTo(o,l)},
Yl=(e,l,o)=>{e.lineTo(l,o)},jl=(e,l,o)=>{e.lineTo(o,l)},Un=ur(0),ts=ur(1),hr=(e,l,o,t,i,r)=>{e.arc(l,o,t,i,r)},pr=(e,l,o,t,i,r)=>{e.arc(o,l,t,i,r)},mr=(e,l,o,t,i,r,f)=>{
e.bezierCurveTo(l,o,t,i,r,f)},dr=(e,l,o,t,i,r,f)=>{e.bezierCurveTo(o,l,i,t,f,r)};function gr(e){return(l,o,t,i,r)=>gl(l,o,(f,h,p,g,_,d,w,L,P,F,H)=>{let{pxRound:I,
points:b}=f,$,x;g.ori==0?($=In,x=hr):($=Gn,x=pr);let J=pe(b.width*re,3),D=(b.size-b.width)/2*re,Z=pe(D*2,3),Y=new Path2D,ee=new Path2D,{left:B,top:k,width:K,height:N}=l.
bbox;Un(ee,B-Z,k-Z,K+Z*2,N+Z*2);let G=z=>{if(p[z]!=null){let le=I(d(h[z],g,F,L)),V=I(w(p[z],_,H,P));$(Y,le+D,V),x(Y,le,V,D,0,Nn*2)}};if(r)r.forEach(G);else for(let z=t;z<=
i;z++)G(z);return{stroke:J>0?Y:null,fill:Y,clip:ee,flags:Ul|$o}})}function wr(e){return(l,o,t,i,r,f)=>{t!=i&&(r!=t&&f!=t&&e(l,o,t),r!=i&&f!=i&&e(l,o,i),e(l,o,f))}}
var Ya=wr(Yl),ja=wr(jl);function Sr(e){let l=se(e?.alignGaps,0);return(o,t,i,r)=>gl(o,t,(f,h,p,g,_,d,w,L,P,F,H)=>{[i,r]=zn(p,i,r);let I=f.pxRound,b=N=>I(d(N,g,F,
L)),$=N=>I(w(N,_,H,P)),x,J;g.ori==0?(x=Yl,J=Ya):(x=jl,J=ja);let D=g.dir*(g.ori==0?1:-1),Z={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Ul},Y=Z.
stroke,ee=!1;if(r-i>=F*4){let N=O=>o.posToVal(O,g.key,!0),G=null,z=null,le,V,Qe,ye=b(h[D==1?i:r]),ne=b(h[i]),fe=b(h[r]),Q=N(D==1?ne+1:fe-1);for(let O=D==1?i:r;O>=
i&&O<=r;O+=D){let Ee=h[O],_e=(D==1?Ee<Q:Ee>Q)?ye:b(Ee),ce=p[O];_e==ye?ce!=null?(V=ce,G==null?(x(Y,_e,$(V)),le=G=z=V):V<G?G=V:V>z&&(z=V)):ce===null&&(ee=!0):(G!=
null&&J(Y,ye,$(G),$(z),$(le),$(V)),ce!=null?(V=ce,x(Y,_e,$(V)),G=z=le=V):(G=z=null,ce===null&&(ee=!0)),ye=_e,Q=N(ye+D))}G!=null&&G!=z&&Qe!=ye&&J(Y,ye,$(G),$(z),
$(le),$(V))}else for(let N=D==1?i:r;N>=i&&N<=r;N+=D){let G=p[N];G===null?ee=!0:G!=null&&x(Y,b(h[N]),$(G))}let[k,K]=Xo(o,t);if(f.fill!=null||k!=0){let N=Z.fill=new Path2D(
Y),G=f.fillTo(o,t,f.min,f.max,k),z=$(G),le=b(h[i]),V=b(h[r]);D==-1&&([V,le]=[le,V]),x(N,V,z),x(N,le,z)}if(!f.spanGaps){let N=[];ee&&N.push(...es(h,p,i,r,D,b,l)),
Z.gaps=N=f.gaps(o,t,i,r,N),Z.clip=Wn(N,g.ori,L,P,F,H)}return K!=0&&(Z.band=K==2?[Wt(o,t,i,r,Y,-1),Wt(o,t,i,r,Y,1)]:Wt(o,t,i,r,Y,K)),Z})}function qa(e){let l=se(
e.align,1),o=se(e.ascDesc,!1),t=se(e.alignGaps,0),i=se(e.extend,!1);return(r,f,h,p)=>gl(r,f,(g,_,d,w,L,P,F,H,I,b,$)=>{[h,p]=zn(d,h,p);let x=g.pxRound,{left:J,width:D}=r.
bbox,Z=ne=>x(P(ne,w,b,H)),Y=ne=>x(F(ne,L,$,I)),ee=w.ori==0?Yl:jl,B={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Ul},k=B.stroke,K=w.dir*(w.ori==
0?1:-1),N=Y(d[K==1?h:p]),G=Z(_[K==1?h:p]),z=G,le=G;i&&l==-1&&(le=J,ee(k,le,N)),ee(k,G,N);for(let ne=K==1?h:p;ne>=h&&ne<=p;ne+=K){let fe=d[ne];if(fe==null)continue;
let Q=Z(_[ne]),O=Y(fe);l==1?ee(k,Q,N):ee(k,z,O),ee(k,Q,O),N=O,z=Q}let V=z;i&&l==1&&(V=J+D,ee(k,V,N));let[Qe,ye]=Xo(r,f);if(g.fill!=null||Qe!=0){let ne=B.fill=new Path2D(
k),fe=g.fillTo(r,f,g.min,g.max,Qe),Q=Y(fe);ee(ne,V,Q),ee(ne,le,Q)}if(!g.spanGaps){let ne=[];ne.push(...es(_,d,h,p,K,Z,t));let fe=g.width*re/2,Q=o||l==1?fe:-fe,O=o||
l==-1?-fe:fe;ne.forEach(Ee=>{Ee[0]+=Q,Ee[1]+=O}),B.gaps=ne=g.gaps(r,f,h,p,ne),B.clip=Wn(ne,w.ori,H,I,b,$)}return ye!=0&&(B.band=ye==2?[Wt(r,f,h,p,k,-1),Wt(r,f,h,
p,k,1)]:Wt(r,f,h,p,k,ye)),B})}function Ci(e,l,o,t,i,r,f=he){if(e.length>1){let h=null;for(let p=0,g=1/0;p<e.length;p++)if(l[p]!==void 0){if(h!=null){let _=Le(e[p]-
e[h]);_<g&&(g=_,f=Le(o(e[p],t,i,r)-o(e[h],t,i,r)))}h=p}}return f}function Ka(e){e=e||mn;let l=se(e.size,[.6,he,1]),o=e.align||0,t=e.gap||0,i=e.radius;i=i==null?
[0,0]:typeof i=="number"?[i,0]:i;let r=te(i),f=1-l[0],h=se(l[1],he),p=se(l[2],1),g=se(e.disp,mn),_=se(e.each,L=>{}),{fill:d,stroke:w}=g;return(L,P,F,H)=>gl(L,P,
(I,b,$,x,J,D,Z,Y,ee,B,k)=>{let K=I.pxRound,N=o,G=t*re,z=h*re,le=p*re,V,Qe;x.ori==0?[V,Qe]=r(L,P):[Qe,V]=r(L,P);let ye=x.dir*(x.ori==0?1:-1),ne=x.ori==0?Un:ts,fe=x.
ori==0?_:(E,me,Ae,_l,Xt,At,el)=>{_(E,me,Ae,Xt,_l,el,At)},Q=se(L.bands,qo).find(E=>E.series[0]==P),O=Q!=null?Q.dir:0,Ee=I.fillTo(L,P,I.min,I.max,O),Be=K(Z(Ee,J,k,
ee)),_e,ce,yt,lt=B,be=K(I.width*re),Et=!1,Rt=null,ut=null,It=null,wl=null;d!=null&&(be==0||w!=null)&&(Et=!0,Rt=d.values(L,P,F,H),ut=new Map,new Set(Rt).forEach(
E=>{E!=null&&ut.set(E,new Path2D)}),be>0&&(It=w.values(L,P,F,H),wl=new Map,new Set(It).forEach(E=>{E!=null&&wl.set(E,new Path2D)})));let{x0:Sl,size:Zl}=g;if(Sl!=
null&&Zl!=null){N=1,b=Sl.values(L,P,F,H),Sl.unit==2&&(b=b.map(Ae=>L.posToVal(Y+Ae*B,x.key,!0)));let E=Zl.values(L,P,F,H);Zl.unit==2?ce=E[0]*B:ce=D(E[0],x,B,Y)-D(
0,x,B,Y),lt=Ci(b,$,D,x,B,Y,lt),yt=lt-ce+G}else lt=Ci(b,$,D,x,B,Y,lt),yt=lt*f+G,ce=lt-yt;yt<1&&(yt=0),be>=ce/2&&(be=0),yt<5&&(K=Wi);let Sn=yt>0,Zt=lt-yt-(Sn?be:0);
ce=K(Vo(Zt,le,z)),_e=(N==0?ce/2:N==ye?0:ce)-N*ye*((N==0?G/2:0)+(Sn?be/2:0));let Ye={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},yl=Et?null:new Path2D,
Vt=null;if(Q!=null)Vt=L.data[Q.series[1]];else{let{y0:E,y1:me}=g;E!=null&&me!=null&&($=me.values(L,P,F,H),Vt=E.values(L,P,F,H))}let Qt=V*ce,q=Qe*ce;for(let E=ye==
1?F:H;E>=F&&E<=H;E+=ye){let me=$[E];if(me==null)continue;if(Vt!=null){let Xe=Vt[E]??0;if(me-Xe==0)continue;Be=Z(Xe,J,k,ee)}let Ae=x.distr!=2||g!=null?b[E]:E,_l=D(
Ae,x,B,Y),Xt=Z(se(me,Ee),J,k,ee),At=K(_l-_e),el=K(Ze(Xt,Be)),nt=K(Mt(Xt,Be)),ht=el-nt;if(me!=null){let Xe=me<0?q:Qt,_t=me<0?Qt:q;Et?(be>0&&It[E]!=null&&ne(wl.get(
It[E]),At,nt+ct(be/2),ce,Ze(0,ht-be),Xe,_t),Rt[E]!=null&&ne(ut.get(Rt[E]),At,nt+ct(be/2),ce,Ze(0,ht-be),Xe,_t)):ne(yl,At,nt+ct(be/2),ce,Ze(0,ht-be),Xe,_t),fe(L,
P,E,At-be/2,nt,ce+be,ht)}}return be>0?Ye.stroke=Et?wl:yl:Et||(Ye._fill=I.width==0?I._fill:I._stroke??I._fill,Ye.width=0),Ye.fill=Et?ut:yl,Ye})}function Ja(e,l){
let o=se(l?.alignGaps,0);return(t,i,r,f)=>gl(t,i,(h,p,g,_,d,w,L,P,F,H,I)=>{[r,f]=zn(g,r,f);let b=h.pxRound,$=V=>b(w(V,_,H,P)),x=V=>b(L(V,d,I,F)),J,D,Z;_.ori==0?
(J=In,Z=Yl,D=mr):(J=Gn,Z=jl,D=dr);let Y=_.dir*(_.ori==0?1:-1),ee=$(p[Y==1?r:f]),B=ee,k=[],K=[];for(let V=Y==1?r:f;V>=r&&V<=f;V+=Y)if(g[V]!=null){let ye=p[V],ne=$(
ye);k.push(B=ne),K.push(x(g[V]))}let N={stroke:e(k,K,J,Z,D,b),fill:null,clip:null,band:null,gaps:null,flags:Ul},G=N.stroke,[z,le]=Xo(t,i);if(h.fill!=null||z!=0){
let V=N.fill=new Path2D(G),Qe=h.fillTo(t,i,h.min,h.max,z),ye=x(Qe);Z(V,B,ye),Z(V,ee,ye)}if(!h.spanGaps){let V=[];V.push(...es(p,g,r,f,Y,$,o)),N.gaps=V=h.gaps(t,
i,r,f,V),N.clip=Wn(V,_.ori,P,F,H,I)}return le!=0&&(N.band=le==2?[Wt(t,i,r,f,G,-1),Wt(t,i,r,f,G,1)]:Wt(t,i,r,f,G,le)),N})}function Za(e){return Ja(Qa,e)}function Qa(e,l,o,t,i,r){
let f=e.length;if(f<2)return null;let h=new Path2D;if(o(h,e[0],l[0]),f==2)t(h,e[1],l[1]);else{let p=Array(f),g=Array(f-1),_=Array(f-1),d=Array(f-1);for(let w=0;w<
f-1;w++)_[w]=l[w+1]-l[w],d[w]=e[w+1]-e[w],g[w]=_[w]/d[w];p[0]=g[0];for(let w=1;w<f-1;w++)g[w]===0||g[w-1]===0||g[w-1]>0!=g[w]>0?p[w]=0:(p[w]=3*(d[w-1]+d[w])/((2*
d[w]+d[w-1])/g[w-1]+(d[w]+2*d[w-1])/g[w]),isFinite(p[w])||(p[w]=0));p[f-1]=g[f-2];for(let w=0;w<f-1;w++)i(h,e[w]+d[w]/3,l[w]+p[w]*d[w]/3,e[w+1]-d[w]/3,l[w+1]-p[w+
1]*d[w]/3,e[w+1],l[w+1])}return h}var Ho=new Set;function Ni(){for(let e of Ho)e.syncRect(!0)}Bl&&(ml(Cc,Hl,Ni),ml(Nc,Hl,Ni,!0),ml(On,Hl,()=>{Pe.pxRatio=re}));var Xa=Sr(),
ef=gr();function Oi(e,l,o,t){return(t?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((r,f)=>Wo(r,f,l,o))}function tf(e,l){return e.map((o,t)=>t==
0?{}:Me({},l,o))}function Wo(e,l,o,t){return Me({},l==0?o:t,e)}function yr(e,l,o){return l==null?Il:[l,o]}var lf=yr;function nf(e,l,o){return l==null?Il:Rn(l,o,
Yo,!0)}function _r(e,l,o,t){return l==null?Il:Fn(l,o,e.scales[t].log,!1)}var of=_r;function vr(e,l,o,t){return l==null?Il:Bo(l,o,e.scales[t].log,!1)}var sf=vr;function rf(e,l,o,t,i){
let r=Ze(hi(e),hi(l)),f=l-e,h=Tt(i/t*f,o);do{let p=o[h],g=t*p/f;if(g>=i&&r+(p<5?Jt.get(p):0)<=17)return[p,g]}while(++h<o.length);return[0,0]}function Ri(e){let l,
o;return e=e.replace(/(\d+)px/,(t,i)=>(l=De((o=+i)*re))+"px"),[e,l,o]}function cf(e){e.show&&[e.font,e.labelFont].forEach(l=>{let o=pe(l[2]*re,1);l[0]=l[0].replace(
/[0-9.]+px/,o+"px"),l[1]=o})}function Pe(e,l,o){let t={mode:se(e.mode,1)},i=t.mode;function r(n,s,c,a){let u=s.valToPct(n);return a+c*(s.dir==-1?1-u:u)}function f(n,s,c,a){
let u=s.valToPct(n);return a+c*(s.dir==-1?u:1-u)}function h(n,s,c,a){return s.ori==0?r(n,s,c,a):f(n,s,c,a)}t.valToPosH=r,t.valToPosV=f;let p=!1;t.status=0;let g=t.
root=wt(mc);if(e.id!=null&&(g.id=e.id),rt(g,e.class),e.title){let n=wt(wc,g);n.textContent=e.title}let _=kt("canvas"),d=t.ctx=_.getContext("2d"),w=wt(Sc,g);ml("\
click",w,n=>{n.target===P&&(de!=Pl||ve!=Cl)&&Ie.click(t,n)},!0);let L=t.under=wt(yc,w);w.appendChild(_);let P=t.over=wt(_c,w);e=Gl(e);let F=+se(e.pxAlign,1),H=Pi(
F);(e.plugins||[]).forEach(n=>{n.opts&&(e=n.opts(t,e)||e)});let I=e.ms||.001,b=t.series=i==1?Oi(e.series||[],ki,Di,!1):tf(e.series||[null],Ai),$=t.axes=Oi(e.axes||
[],xi,Mi,!0),x=t.scales={},J=t.bands=e.bands||[];J.forEach(n=>{n.fill=te(n.fill||null),n.dir=se(n.dir,-1)});let D=i==2?b[1].facets[0].scale:b[0].scale,Z={axes:Kr,
series:Ur},Y=(e.drawOrder||["axes","series"]).map(n=>Z[n]);function ee(n){let s=n.distr==3?c=>Ht(c>0?c:n.clamp(t,c,n.min,n.max,n.key)):n.distr==4?c=>Ao(c,n.asinh):
n.distr==100?c=>n.fwd(c):c=>c;return c=>{let a=s(c),{_min:u,_max:m}=n,S=m-u;return(a-u)/S}}function B(n){let s=x[n];if(s==null){let c=(e.scales||mn)[n]||mn;if(c.
from!=null){B(c.from);let a=Me({},x[c.from],c,{key:n});a.valToPct=ee(a),x[n]=a}else{s=x[n]=Me({},n==D?ar:Ga,c),s.key=n;let a=s.time,u=s.range,m=Kt(u);if((n!=D||
i==2&&!a)&&(m&&(u[0]==null||u[1]==null)&&(u={min:u[0]==null?ai:{mode:1,hard:u[0],soft:u[0]},max:u[1]==null?ai:{mode:1,hard:u[1],soft:u[1]}},m=!1),!m&&Hn(u))){let S=u;
u=(y,v,T)=>v==null?Il:Rn(v,T,S)}s.range=te(u||(a?lf:n==D?s.distr==3?of:s.distr==4?sf:yr:s.distr==3?_r:s.distr==4?vr:nf)),s.auto=te(m?!1:s.auto),s.clamp=te(s.clamp||
Ia),s._min=s._max=null,s.valToPct=ee(s)}}}B("x"),B("y"),i==1&&b.forEach(n=>{B(n.scale)}),$.forEach(n=>{B(n.scale)});for(let n in e.scales)B(n);let k=x[D],K=k.distr,
N,G;k.ori==0?(rt(g,dc),N=r,G=f):(rt(g,gc),N=f,G=r);let z={};for(let n in x){let s=x[n];(s.min!=null||s.max!=null)&&(z[n]={min:s.min,max:s.max},s.min=s.max=null)}
let le=e.tzDate||(n=>new Date(De(n/I))),V=e.fmtDate||Ko,Qe=I==1?da(le):Sa(le),ye=_i(le,yi(I==1?ma:wa,V)),ne=bi(le,vi(_a,V)),fe=[],Q=t.legend=Me({},xa,e.legend),
O=t.cursor=Me({},Da,{drag:{y:i==2}},e.cursor),Ee=Q.show,Be=O.show,_e=Q.markers;Q.idxs=fe,_e.width=te(_e.width),_e.dash=te(_e.dash),_e.stroke=te(_e.stroke),_e.fill=
te(_e.fill);let ce,yt,lt,be=[],Et=[],Rt,ut=!1,It={};if(Q.live){let n=b[1]?b[1].values:null;ut=n!=null,Rt=ut?n(t,1,0):{_:0};for(let s in Rt)It[s]=Go}if(Ee)if(ce=
kt("table",Mc,g),lt=kt("tbody",null,ce),Q.mount(t,ce),ut){yt=kt("thead",null,ce,lt);let n=kt("tr",null,yt);kt("th",null,n);for(var wl in Rt)kt("th",Js,n).textContent=
wl}else rt(ce,Ac),Q.live&&rt(ce,Ec);let Sl={show:!0},Zl={show:!1};function Sn(n,s){if(s==0&&(ut||!Q.live||i==2))return Il;let c=[],a=kt("tr",Dc,lt,lt.childNodes[s]);
rt(a,n.class),n.show||rt(a,pl);let u=kt("th",null,a);if(_e.show){let y=wt(Lc,u);if(s>0){let v=_e.width(t,s);v&&(y.style.border=v+"px "+_e.dash(t,s)+" "+_e.stroke(
t,s)),y.style.background=_e.fill(t,s)}}let m=wt(Js,u);n.label instanceof HTMLElement?m.appendChild(n.label):m.textContent=n.label,s>0&&(_e.show||(m.style.color=
n.width>0?_e.stroke(t,s):_e.fill(t,s)),Ye("click",u,y=>{if(O._lock)return;ll(y);let v=b.indexOf(n);if((y.ctrlKey||y.metaKey)!=Q.isolate){let T=b.some((M,A)=>A>0&&
A!=v&&M.show);b.forEach((M,A)=>{A>0&&Lt(A,T?A==v?Sl:Zl:Sl,!0,Te.setSeries)})}else Lt(v,{show:!n.show},!0,Te.setSeries)},!1),bl&&Ye(ei,u,y=>{O._lock||(ll(y),Lt(b.
indexOf(n),Ol,!0,Te.setSeries))},!1));for(var S in Rt){let y=kt("td",Pc,a);y.textContent="--",c.push(y)}return[a,c]}let Zt=new Map;function Ye(n,s,c,a=!0){let u=Zt.
get(s)||{},m=O.bind[n](t,s,c,a);m&&(ml(n,s,u[n]=m),Zt.set(s,u))}function yl(n,s,c){let a=Zt.get(s)||{};for(let u in a)(n==null||u==n)&&(Ro(u,s,a[u]),delete a[u]);
n==null&&Zt.delete(s)}let Vt=0,Qt=0,q=0,E=0,me=0,Ae=0,_l=me,Xt=Ae,At=q,el=E,nt=0,ht=0,Xe=0,_t=0;t.bbox={};let Kn=!1,yn=!1,vl=!1,tl=!1,_n=!1,pt=!1;function Jn(n,s,c){
(c||n!=t.width||s!=t.height)&&rs(n,s),El(!1),vl=!0,yn=!0,Al()}function rs(n,s){t.width=Vt=q=n,t.height=Qt=E=s,me=Ae=0,zr(),Fr();let c=t.bbox;nt=c.left=ul(me*re,
.5),ht=c.top=ul(Ae*re,.5),Xe=c.width=ul(q*re,.5),_t=c.height=ul(E*re,.5)}let Or=3;function Rr(){let n=!1,s=0;for(;!n;){s++;let c=jr(s),a=qr(s);n=s==Or||c&&a,n||
(rs(t.width,t.height),yn=!0)}}function Vr({width:n,height:s}){Jn(n,s)}t.setSize=Vr;function zr(){let n=!1,s=!1,c=!1,a=!1;$.forEach((u,m)=>{if(u.show&&u._show){let{
side:S,_size:y}=u,v=S%2,T=u.label!=null?u.labelSize:0,M=y+T;M>0&&(v?(q-=M,S==3?(me+=M,a=!0):c=!0):(E-=M,S==0?(Ae+=M,n=!0):s=!0))}}),nl[0]=n,nl[1]=c,nl[2]=s,nl[3]=
a,q-=Gt[1]+Gt[3],me+=Gt[3],E-=Gt[2]+Gt[0],Ae+=Gt[0]}function Fr(){let n=me+q,s=Ae+E,c=me,a=Ae;function u(m,S){switch(m){case 1:return n+=S,n-S;case 2:return s+=
S,s-S;case 3:return c-=S,c+S;case 0:return a-=S,a+S}}$.forEach((m,S)=>{if(m.show&&m._show){let y=m.side;m._pos=u(y,m._size),m.label!=null&&(m._lpos=u(y,m.labelSize))}})}
if(O.dataIdx==null){let n=O.hover,s=n.skip=new Set(n.skip??[]);s.add(void 0);let c=n.prox=te(n.prox),a=n.bias??(n.bias=0);O.dataIdx=(u,m,S,y)=>{if(m==0)return S;
let v=S,T=c(u,m,S,y)??he,M=T>=0&&T<he,A=k.ori==0?q:E,U=O.left,ie=l[0],oe=l[m];if(s.has(oe[S])){v=null;let X=null,W=null,R;if(a==0||a==-1)for(R=S;X==null&&R-- >0;)
s.has(oe[R])||(X=R);if(a==0||a==1)for(R=S;W==null&&R++<oe.length;)s.has(oe[R])||(W=R);if(X!=null||W!=null)if(M){let we=X==null?-1/0:N(ie[X],k,A,0),xe=W==null?1/0:
N(ie[W],k,A,0),Fe=U-we,ue=xe-U;Fe<=ue?Fe<=T&&(v=X):ue<=T&&(v=W)}else v=W==null?X:X==null?W:S-X<=W-S?X:W}else M&&Le(U-N(ie[S],k,A,0))>T&&(v=null);return v}}let ll=n=>{
O.event=n};O.idxs=fe,O._lock=!1;let Ue=O.points;Ue.show=te(Ue.show),Ue.size=te(Ue.size),Ue.stroke=te(Ue.stroke),Ue.width=te(Ue.width),Ue.fill=te(Ue.fill);let Dt=t.
focus=Me({},e.focus||{alpha:.3},O.focus),bl=Dt.prox>=0,xl=bl&&Ue.one,mt=[],kl=[],Tl=[];function cs(n,s){let c=Ue.show(t,s);if(c instanceof HTMLElement)return rt(
c,Tc),rt(c,n.class),Ot(c,-10,-10,q,E),P.insertBefore(c,mt[s]),c}function as(n,s){if(i==1||s>0){let c=i==1&&x[n.scale].time,a=n.value;n.value=c?di(a)?bi(le,vi(a,
V)):a||ne:a||$a,n.label=n.label||(c?Pa:La)}if(xl||s>0){n.width=n.width==null?1:n.width,n.paths=n.paths||Xa||Gc,n.fillTo=te(n.fillTo||Ua),n.pxAlign=+se(n.pxAlign,
F),n.pxRound=Pi(n.pxAlign),n.stroke=te(n.stroke||null),n.fill=te(n.fill||null),n._stroke=n._fill=n._paths=n._focus=null;let c=Ha(Ze(1,n.width),1),a=n.points=Me(
{},{size:c,width:Ze(1,c*.2),stroke:n.stroke,space:c*2,paths:ef,_stroke:null,_fill:null},n.points);a.show=te(a.show),a.filter=te(a.filter),a.fill=te(a.fill),a.stroke=
te(a.stroke),a.paths=te(a.paths),a.pxAlign=n.pxAlign}if(Ee){let c=Sn(n,s);be.splice(s,0,c[0]),Et.splice(s,0,c[1]),Q.values.push(null)}if(Be){fe.splice(s,0,null);
let c=null;xl?s==0&&(c=cs(n,s)):s>0&&(c=cs(n,s)),mt.splice(s,0,c),kl.splice(s,0,0),Tl.splice(s,0,0)}ze("addSeries",s)}function $r(n,s){s=s??b.length,n=i==1?Wo(n,
s,ki,Di):Wo(n,s,{},Ai),b.splice(s,0,n),as(b[s],s)}t.addSeries=$r;function Hr(n){if(b.splice(n,1),Ee){Q.values.splice(n,1),Et.splice(n,1);let s=be.splice(n,1)[0];
yl(null,s.firstChild),s.remove()}Be&&(fe.splice(n,1),mt.splice(n,1)[0].remove(),kl.splice(n,1),Tl.splice(n,1)),ze("delSeries",n)}t.delSeries=Hr;let nl=[!1,!1,!1,
!1];function Wr(n,s){if(n._show=n.show,n.show){let c=n.side%2,a=x[n.scale];a==null&&(n.scale=c?b[1].scale:D,a=x[n.scale]);let u=a.time;n.size=te(n.size),n.space=
te(n.space),n.rotate=te(n.rotate),Kt(n.incrs)&&n.incrs.forEach(S=>{!Jt.has(S)&&Jt.set(S,Ui(S))}),n.incrs=te(n.incrs||(a.distr==2?ua:u?I==1?pa:ga:hl)),n.splits=te(
n.splits||(u&&a.distr==1?Qe:a.distr==3?zo:a.distr==4?Oa:Na)),n.stroke=te(n.stroke),n.grid.stroke=te(n.grid.stroke),n.ticks.stroke=te(n.ticks.stroke),n.border.stroke=
te(n.border.stroke);let m=n.values;n.values=Kt(m)&&!Kt(m[0])?te(m):u?Kt(m)?_i(le,yi(m,V)):di(m)?ya(le,m):m||ye:m||Ca,n.filter=te(n.filter||(a.distr>=3&&a.log==10?
za:a.distr==3&&a.log==2?Fa:Ii)),n.font=Ri(n.font),n.labelFont=Ri(n.labelFont),n._size=n.size(t,null,s,0),n._space=n._rotate=n._incrs=n._found=n._splits=n._values=
null,n._size>0&&(nl[s]=!0,n._el=wt(vc,w))}}function Ql(n,s,c,a){let[u,m,S,y]=c,v=s%2,T=0;return v==0&&(y||m)&&(T=s==0&&!u||s==2&&!S?De(xi.size/3):0),v==1&&(u||S)&&
(T=s==1&&!m||s==3&&!y?De(Mi.size/2):0),T}let fs=t.padding=(e.padding||[Ql,Ql,Ql,Ql]).map(n=>te(se(n,Ql))),Gt=t._padding=fs.map((n,s)=>n(t,s,nl,0)),We,Ne=null,Oe=null,
vn=i==1?b[0].idxs:null,vt=null,Xl=!1;function us(n,s){if(l=n??[],t.data=t._data=l,i==2){We=0;for(let c=1;c<b.length;c++)We+=l[c][0].length}else{l.length==0&&(t.
data=t._data=l=[[]]),vt=l[0],We=vt.length;let c=l;if(K==2){c=l.slice();let a=c[0]=Array(We);for(let u=0;u<We;u++)a[u]=u}t._data=l=c}if(El(!0),ze("setData"),K==2&&
(vl=!0),s!==!1){let c=k;c.auto(t,Xl)?Zn():Bt(D,c.min,c.max),tl=tl||O.left>=0,pt=!0,Al()}}t.setData=us;function Zn(){Xl=!0;let n,s;i==1&&(We>0?(Ne=vn[0]=0,Oe=vn[1]=
We-1,n=l[0][Ne],s=l[0][Oe],K==2?(n=Ne,s=Oe):n==s&&(K==3?[n,s]=Fn(n,n,k.log,!1):K==4?[n,s]=Bo(n,n,k.log,!1):k.time?s=n+De(86400/I):[n,s]=Rn(n,s,Yo,!0))):(Ne=vn[0]=
n=null,Oe=vn[1]=s=null)),Bt(D,n,s)}let bn,Ml,Qn,Xn,eo,to,lo,no,oo,et;function hs(n,s,c,a,u,m){n??(n=Qs),c??(c=qo),a??(a="butt"),u??(u=Qs),m??(m="round"),n!=bn&&
(d.strokeStyle=bn=n),u!=Ml&&(d.fillStyle=Ml=u),s!=Qn&&(d.lineWidth=Qn=s),m!=eo&&(d.lineJoin=eo=m),a!=to&&(d.lineCap=to=a),c!=Xn&&d.setLineDash(Xn=c)}function ps(n,s,c,a){
s!=Ml&&(d.fillStyle=Ml=s),n!=lo&&(d.font=lo=n),c!=no&&(d.textAlign=no=c),a!=oo&&(d.textBaseline=oo=a)}function so(n,s,c,a,u=0){if(a.length>0&&n.auto(t,Xl)&&(s==
null||s.min==null)){let m=se(Ne,0),S=se(Oe,a.length-1),y=c.min==null?zc(a,m,S,u,n.distr==3):[c.min,c.max];n.min=Mt(n.min,c.min=y[0]),n.max=Ze(n.max,c.max=y[1])}}
let ms={min:null,max:null};function Ir(){for(let a in x){let u=x[a];z[a]==null&&(u.min==null||z[D]!=null&&u.auto(t,Xl))&&(z[a]=ms)}for(let a in x){let u=x[a];z[a]==
null&&u.from!=null&&z[u.from]!=null&&(z[a]=ms)}z[D]!=null&&El(!0);let n={};for(let a in z){let u=z[a];if(u!=null){let m=n[a]=Gl(x[a],Yc);if(u.min!=null)Me(m,u);else if(a!=
D||i==2)if(We==0&&m.from==null){let S=m.range(t,null,null,a);m.min=S[0],m.max=S[1]}else m.min=he,m.max=-he}}if(We>0){b.forEach((a,u)=>{if(i==1){let m=a.scale,S=z[m];
if(S==null)return;let y=n[m];if(u==0){let v=y.range(t,y.min,y.max,m);y.min=v[0],y.max=v[1],Ne=Tt(y.min,l[0]),Oe=Tt(y.max,l[0]),Oe-Ne>1&&(l[0][Ne]<y.min&&Ne++,l[0][Oe]>
y.max&&Oe--),a.min=vt[Ne],a.max=vt[Oe]}else a.show&&a.auto&&so(y,S,a,l[u],a.sorted);a.idxs[0]=Ne,a.idxs[1]=Oe}else if(u>0&&a.show&&a.auto){let[m,S]=a.facets,y=m.
scale,v=S.scale,[T,M]=l[u],A=n[y],U=n[v];A!=null&&so(A,z[y],m,T,m.sorted),U!=null&&so(U,z[v],S,M,S.sorted),a.min=S.min,a.max=S.max}});for(let a in n){let u=n[a],
m=z[a];if(u.from==null&&(m==null||m.min==null)){let S=u.range(t,u.min==he?null:u.min,u.max==-he?null:u.max,a);u.min=S[0],u.max=S[1]}}}for(let a in n){let u=n[a];
if(u.from!=null){let m=n[u.from];if(m.min==null)u.min=u.max=null;else{let S=u.range(t,m.min,m.max,a);u.min=S[0],u.max=S[1]}}}let s={},c=!1;for(let a in n){let u=n[a],
m=x[a];if(m.min!=u.min||m.max!=u.max){m.min=u.min,m.max=u.max;let S=m.distr;m._min=S==3?Ht(m.min):S==4?Ao(m.min,m.asinh):S==100?m.fwd(m.min):m.min,m._max=S==3?Ht(
m.max):S==4?Ao(m.max,m.asinh):S==100?m.fwd(m.max):m.max,s[a]=c=!0}}if(c){b.forEach((a,u)=>{i==2?u>0&&s.y&&(a._paths=null):s[a.scale]&&(a._paths=null)});for(let a in s)
vl=!0,ze("setScale",a);Be&&O.left>=0&&(tl=pt=!0)}for(let a in z)z[a]=null}function Gr(n){let s=Vo(Ne-1,0,We-1),c=Vo(Oe+1,0,We-1);for(;n[s]==null&&s>0;)s--;for(;n[c]==
null&&c<We-1;)c++;return[s,c]}function Ur(){if(We>0){let n=b.some(s=>s._focus)&&et!=Dt.alpha;n&&(d.globalAlpha=et=Dt.alpha),b.forEach((s,c)=>{if(c>0&&s.show&&(ds(
c,!1),ds(c,!0),s._paths==null)){let a=et;et!=s.alpha&&(d.globalAlpha=et=s.alpha);let u=i==2?[0,l[c][0].length-1]:Gr(l[c]);s._paths=s.paths(t,c,u[0],u[1]),et!=a&&
(d.globalAlpha=et=a)}}),b.forEach((s,c)=>{if(c>0&&s.show){let a=et;et!=s.alpha&&(d.globalAlpha=et=s.alpha),s._paths!=null&&gs(c,!1);{let u=s._paths!=null?s._paths.
gaps:null,m=s.points.show(t,c,Ne,Oe,u),S=s.points.filter(t,c,m,u);(m||S)&&(s.points._paths=s.points.paths(t,c,Ne,Oe,S),gs(c,!0))}et!=a&&(d.globalAlpha=et=a),ze(
"drawSeries",c)}}),n&&(d.globalAlpha=et=1)}}function ds(n,s){let c=s?b[n].points:b[n];c._stroke=c.stroke(t,n),c._fill=c.fill(t,n)}function gs(n,s){let c=s?b[n].
points:b[n],{stroke:a,fill:u,clip:m,flags:S,_stroke:y=c._stroke,_fill:v=c._fill,_width:T=c.width}=c._paths;T=pe(T*re,3);let M=null,A=T%2/2;s&&v==null&&(v=T>0?"#\
fff":y);let U=c.pxAlign==1&&A>0;if(U&&d.translate(A,A),!s){let ie=nt-T/2,oe=ht-T/2,X=Xe+T,W=_t+T;M=new Path2D,M.rect(ie,oe,X,W)}s?io(y,T,c.dash,c.cap,v,a,u,S,m):
Br(n,y,T,c.dash,c.cap,v,a,u,S,M,m),U&&d.translate(-A,-A)}function Br(n,s,c,a,u,m,S,y,v,T,M){let A=!1;v!=0&&J.forEach((U,ie)=>{if(U.series[0]==n){let oe=b[U.series[1]],
X=l[U.series[1]],W=(oe._paths||mn).band;Kt(W)&&(W=U.dir==1?W[0]:W[1]);let R,we=null;oe.show&&W&&$c(X,Ne,Oe)?(we=U.fill(t,ie)||m,R=oe._paths.clip):W=null,io(s,c,
a,u,we,S,y,v,T,M,R,W),A=!0}}),A||io(s,c,a,u,m,S,y,v,T,M)}let ws=Ul|$o;function io(n,s,c,a,u,m,S,y,v,T,M,A){hs(n,s,c,a,u),(v||T||A)&&(d.save(),v&&d.clip(v),T&&d.
clip(T)),A?(y&ws)==ws?(d.clip(A),M&&d.clip(M),kn(u,S),xn(n,m,s)):y&$o?(kn(u,S),d.clip(A),xn(n,m,s)):y&Ul&&(d.save(),d.clip(A),M&&d.clip(M),kn(u,S),d.restore(),xn(
n,m,s)):(kn(u,S),xn(n,m,s)),(v||T||A)&&d.restore()}function xn(n,s,c){c>0&&(s instanceof Map?s.forEach((a,u)=>{d.strokeStyle=bn=u,d.stroke(a)}):s!=null&&n&&d.stroke(
s))}function kn(n,s){s instanceof Map?s.forEach((c,a)=>{d.fillStyle=Ml=a,d.fill(c)}):s!=null&&n&&d.fill(s)}function Yr(n,s,c,a){let u=$[n],m;if(a<=0)m=[0,0];else{
let S=u._space=u.space(t,n,s,c,a),y=u._incrs=u.incrs(t,n,s,c,a,S);m=rf(s,c,y,a,S)}return u._found=m}function ro(n,s,c,a,u,m,S,y,v,T){let M=S%2/2;F==1&&d.translate(
M,M),hs(y,S,v,T,y),d.beginPath();let A,U,ie,oe,X=u+(a==0||a==3?-m:m);c==0?(U=u,oe=X):(A=u,ie=X);for(let W=0;W<n.length;W++)s[W]!=null&&(c==0?A=ie=n[W]:U=oe=n[W],
d.moveTo(A,U),d.lineTo(ie,oe));d.stroke(),F==1&&d.translate(-M,-M)}function jr(n){let s=!0;return $.forEach((c,a)=>{if(!c.show)return;let u=x[c.scale];if(u.min==
null){c._show&&(s=!1,c._show=!1,El(!1));return}else c._show||(s=!1,c._show=!0,El(!1));let m=c.side,S=m%2,{min:y,max:v}=u,[T,M]=Yr(a,y,v,S==0?q:E);if(M==0)return;
let A=u.distr==2,U=c._splits=c.splits(t,a,y,v,T,M,A),ie=u.distr==2?U.map(R=>vt[R]):U,oe=u.distr==2?vt[U[1]]-vt[U[0]]:T,X=c._values=c.values(t,c.filter(t,ie,a,M,
oe),a,M,oe);c._rotate=m==2?c.rotate(t,X,a,M):0;let W=c._size;c._size=St(c.size(t,X,a,n)),W!=null&&c._size!=W&&(s=!1)}),s}function qr(n){let s=!0;return fs.forEach(
(c,a)=>{let u=c(t,a,nl,n);u!=Gt[a]&&(s=!1),Gt[a]=u}),s}function Kr(){for(let n=0;n<$.length;n++){let s=$[n];if(!s.show||!s._show)continue;let c=s.side,a=c%2,u,m,
S=s.stroke(t,n),y=c==0||c==3?-1:1,[v,T]=s._found;if(s.label!=null){let qe=s.labelGap*y,it=De((s._lpos+qe)*re);ps(s.labelFont[0],S,"center",c==2?"top":Zs),d.save(),
a==1?(u=m=0,d.translate(it,De(ht+_t/2)),d.rotate((c==3?-Nn:Nn)/2)):(u=De(nt+Xe/2),m=it);let il=Hi(s.label)?s.label(t,n,v,T):s.label;d.fillText(il,u,m),d.restore()}
if(T==0)continue;let M=x[s.scale],A=a==0?Xe:_t,U=a==0?nt:ht,ie=s._splits,oe=M.distr==2?ie.map(qe=>vt[qe]):ie,X=M.distr==2?vt[ie[1]]-vt[ie[0]]:v,W=s.ticks,R=s.border,
we=W.show?W.size:0,xe=De(we*re),Fe=De((s.alignTo==2?s._size-we-s.gap:s.gap)*re),ue=s._rotate*-Nn/180,ke=H(s._pos*re),ot=(xe+Fe)*y,je=ke+ot;m=a==0?je:0,u=a==1?je:
0;let dt=s.font[0],bt=s.align==1?Fl:s.align==2?To:ue>0?Fl:ue<0?To:a==0?"center":c==3?To:Fl,Ct=ue||a==1?"middle":c==2?"top":Zs;ps(dt,S,bt,Ct);let st=s.font[1]*s.
lineGap,gt=ie.map(qe=>H(h(qe,M,A,U))),xt=s._values;for(let qe=0;qe<xt.length;qe++){let it=xt[qe];if(it!=null){a==0?u=gt[qe]:m=gt[qe],it=""+it;let il=it.indexOf(
`
`)==-1?[it]:it.split(/\n/gm);for(let Ke=0;Ke<il.length;Ke++){let Vs=il[Ke];ue?(d.save(),d.translate(u,m+Ke*st),d.rotate(ue),d.fillText(Vs,0,0),d.restore()):d.fillText(
Vs,u,m+Ke*st)}}}W.show&&ro(gt,W.filter(t,oe,n,T,X),a,c,ke,xe,pe(W.width*re,3),W.stroke(t,n),W.dash,W.cap);let Nt=s.grid;Nt.show&&ro(gt,Nt.filter(t,oe,n,T,X),a,a==
0?2:1,a==0?ht:nt,a==0?_t:Xe,pe(Nt.width*re,3),Nt.stroke(t,n),Nt.dash,Nt.cap),R.show&&ro([ke],[1],a==0?1:0,a==0?1:2,a==1?ht:nt,a==1?_t:Xe,pe(R.width*re,3),R.stroke(
t,n),R.dash,R.cap)}ze("drawAxes")}function El(n){b.forEach((s,c)=>{c>0&&(s._paths=null,n&&(i==1?(s.min=null,s.max=null):s.facets.forEach(a=>{a.min=null,a.max=null})))})}
let Tn=!1,co=!1,en=[];function Jr(){co=!1;for(let n=0;n<en.length;n++)ze(...en[n]);en.length=0}function Al(){Tn||(Xc(Ss),Tn=!0)}function Zr(n,s=!1){Tn=!0,co=s,n(
t),Ss(),s&&en.length>0&&queueMicrotask(Jr)}t.batch=Zr;function Ss(){if(Kn&&(Ir(),Kn=!1),vl&&(Rr(),vl=!1),yn){if(Se(L,Fl,me),Se(L,"top",Ae),Se(L,fn,q),Se(L,un,E),
Se(P,Fl,me),Se(P,"top",Ae),Se(P,fn,q),Se(P,un,E),Se(w,fn,Vt),Se(w,un,Qt),_.width=De(Vt*re),_.height=De(Qt*re),$.forEach(({_el:n,_show:s,_size:c,_pos:a,side:u})=>{
if(n!=null)if(s){let m=u===3||u===0?c:0,S=u%2==1;Se(n,S?"left":"top",a-m),Se(n,S?"width":"height",c),Se(n,S?"top":"left",S?Ae:me),Se(n,S?"height":"width",S?E:q),
Oo(n,pl)}else rt(n,pl)}),bn=Ml=Qn=eo=to=lo=no=oo=Xn=null,et=1,nn(!0),me!=_l||Ae!=Xt||q!=At||E!=el){El(!1);let n=q/At,s=E/el;if(Be&&!tl&&O.left>=0){O.left*=n,O.top*=
s,Dl&&Ot(Dl,De(O.left),0,q,E),Ll&&Ot(Ll,0,De(O.top),q,E);for(let c=0;c<mt.length;c++){let a=mt[c];a!=null&&(kl[c]*=n,Tl[c]*=s,Ot(a,St(kl[c]),St(Tl[c]),q,E))}}if(ge.
show&&!_n&&ge.left>=0&&ge.width>0){ge.left*=n,ge.width*=n,ge.top*=s,ge.height*=s;for(let c in mo)Se(Nl,c,ge[c])}_l=me,Xt=Ae,At=q,el=E}ze("setSize"),yn=!1}Vt>0&&
Qt>0&&(d.clearRect(0,0,_.width,_.height),ze("drawClear"),Y.forEach(n=>n()),ze("draw")),ge.show&&_n&&(Mn(ge),_n=!1),Be&&tl&&(sl(null,!0,!1),tl=!1),Q.show&&Q.live&&
pt&&(ho(),pt=!1),p||(p=!0,t.status=1,ze("ready")),Xl=!1,Tn=!1}t.redraw=(n,s)=>{vl=s||!1,n!==!1?Bt(D,k.min,k.max):Al()};function ao(n,s){let c=x[n];if(c.from==null){
if(We==0){let a=c.range(t,s.min,s.max,n);s.min=a[0],s.max=a[1]}if(s.min>s.max){let a=s.min;s.min=s.max,s.max=a}if(We>1&&s.min!=null&&s.max!=null&&s.max-s.min<1e-16)
return;n==D&&c.distr==2&&We>0&&(s.min=Tt(s.min,l[0]),s.max=Tt(s.max,l[0]),s.min==s.max&&s.max++),z[n]=s,Kn=!0,Al()}}t.setScale=ao;let fo,uo,Dl,Ll,ys,_s,Pl,Cl,vs,
bs,de,ve,Ut=!1,Ie=O.drag,Re=Ie.x,Ve=Ie.y;Be&&(O.x&&(fo=wt(xc,P)),O.y&&(uo=wt(kc,P)),k.ori==0?(Dl=fo,Ll=uo):(Dl=uo,Ll=fo),de=O.left,ve=O.top);let ge=t.select=Me(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Nl=ge.show?wt(bc,ge.over?P:L):null;function Mn(n,s){if(ge.show){for(let c in n)ge[c]=n[c],c in mo&&Se(
Nl,c,n[c]);s!==!1&&ze("setSelect")}}t.setSelect=Mn;function Qr(n){if(b[n].show)Ee&&Oo(be[n],pl);else if(Ee&&rt(be[n],pl),Be){let c=xl?mt[0]:mt[n];c!=null&&Ot(c,
-10,-10,q,E)}}function Bt(n,s,c){ao(n,{min:s,max:c})}function Lt(n,s,c,a){s.focus!=null&&nc(n),s.show!=null&&b.forEach((u,m)=>{m>0&&(n==m||n==null)&&(u.show=s.show,
Qr(m),i==2?(Bt(u.facets[0].scale,null,null),Bt(u.facets[1].scale,null,null)):Bt(u.scale,null,null),Al())}),c!==!1&&ze("setSeries",n,s),a&&on("setSeries",t,n,s)}
t.setSeries=Lt;function Xr(n,s){Me(J[n],s)}function ec(n,s){n.fill=te(n.fill||null),n.dir=se(n.dir,-1),s=s??J.length,J.splice(s,0,n)}function tc(n){n==null?J.length=
0:J.splice(n,1)}t.addBand=ec,t.setBand=Xr,t.delBand=tc;function lc(n,s){b[n].alpha=s,Be&&mt[n]!=null&&(mt[n].style.opacity=s),Ee&&be[n]&&(be[n].style.opacity=s)}
let zt,Yt,ol,Ol={focus:!0};function nc(n){if(n!=ol){let s=n==null,c=Dt.alpha!=1;b.forEach((a,u)=>{if(i==1||u>0){let m=s||u==0||u==n;a._focus=s?null:m,c&&lc(u,m?
1:Dt.alpha)}}),ol=n,c&&Al()}}Ee&&bl&&Ye(ti,ce,n=>{O._lock||(ll(n),ol!=null&&Lt(null,Ol,!0,Te.setSeries))});function Pt(n,s,c){let a=x[s];c&&(n=n/re-(a.ori==1?Ae:
me));let u=q;a.ori==1&&(u=E,n=u-n),a.dir==-1&&(n=u-n);let m=a._min,S=a._max,y=n/u,v=m+(S-m)*y,T=a.distr;return T==3?Wl(10,v):T==4?Wc(v,a.asinh):T==100?a.bwd(v):
v}function oc(n,s){let c=Pt(n,D,s);return Tt(c,l[0],Ne,Oe)}t.valToIdx=n=>Tt(n,l[0]),t.posToIdx=oc,t.posToVal=Pt,t.valToPos=(n,s,c)=>x[s].ori==0?r(n,x[s],c?Xe:q,
c?nt:0):f(n,x[s],c?_t:E,c?ht:0),t.setCursor=(n,s,c)=>{de=n.left,ve=n.top,sl(null,s,c)};function xs(n,s){Se(Nl,Fl,ge.left=n),Se(Nl,fn,ge.width=s)}function ks(n,s){
Se(Nl,"top",ge.top=n),Se(Nl,un,ge.height=s)}let tn=k.ori==0?xs:ks,ln=k.ori==1?xs:ks;function sc(){if(Ee&&Q.live)for(let n=i==2?1:0;n<b.length;n++){if(n==0&&ut)continue;
let s=Q.values[n],c=0;for(let a in s)Et[n][c++].firstChild.nodeValue=s[a]}}function ho(n,s){if(n!=null&&(n.idxs?n.idxs.forEach((c,a)=>{fe[a]=c}):Bc(n.idx)||fe.fill(
n.idx),Q.idx=fe[0]),Ee&&Q.live){for(let c=0;c<b.length;c++)(c>0||i==1&&!ut)&&ic(c,fe[c]);sc()}pt=!1,s!==!1&&ze("setLegend")}t.setLegend=ho;function ic(n,s){let c=b[n],
a=n==0&&K==2?vt:l[n],u;ut?u=c.values(t,n,s)??It:(u=c.value(t,s==null?null:a[s],n,s),u=u==null?It:{_:u}),Q.values[n]=u}function sl(n,s,c){vs=de,bs=ve,[de,ve]=O.move(
t,de,ve),O.left=de,O.top=ve,Be&&(Dl&&Ot(Dl,De(de),0,q,E),Ll&&Ot(Ll,0,De(ve),q,E));let a,u=Ne>Oe;zt=he,Yt=null;let m=k.ori==0?q:E,S=k.ori==1?q:E;if(de<0||We==0||
u){a=O.idx=null;for(let y=0;y<b.length;y++){let v=mt[y];v!=null&&Ot(v,-10,-10,q,E)}bl&&Lt(null,Ol,!0,n==null&&Te.setSeries),Q.live&&(fe.fill(a),pt=!0)}else{let y,
v,T;i==1&&(y=k.ori==0?de:ve,v=Pt(y,D),a=O.idx=Tt(v,l[0],Ne,Oe),T=N(l[0][a],k,m,0));let M=-10,A=-10,U=0,ie=0,oe=!0,X="",W="";for(let R=i==2?1:0;R<b.length;R++){let we=b[R],
xe=fe[R],Fe=xe==null?null:i==1?l[R][xe]:l[R][1][xe],ue=O.dataIdx(t,R,a,v),ke=ue==null?null:i==1?l[R][ue]:l[R][1][ue];if(pt=pt||ke!=Fe||ue!=xe,fe[R]=ue,R>0&&we.show){
let ot=ue==null?-10:ue==a?T:N(i==1?l[0][ue]:l[R][0][ue],k,m,0),je=ke==null?-10:G(ke,i==1?x[we.scale]:x[we.facets[1].scale],S,0);if(bl&&ke!=null){let dt=k.ori==1?
de:ve,bt=Le(Dt.dist(t,R,ue,je,dt));if(bt<zt){let Ct=Dt.bias;if(Ct!=0){let st=Pt(dt,we.scale),gt=ke>=0?1:-1,xt=st>=0?1:-1;xt==gt&&(xt==1?Ct==1?ke>=st:ke<=st:Ct==
1?ke<=st:ke>=st)&&(zt=bt,Yt=R)}else zt=bt,Yt=R}}if(pt||xl){let dt,bt;k.ori==0?(dt=ot,bt=je):(dt=je,bt=ot);let Ct,st,gt,xt,Nt,qe,it=!0,il=Ue.bbox;if(il!=null){it=
!1;let Ke=il(t,R);gt=Ke.left,xt=Ke.top,Ct=Ke.width,st=Ke.height}else gt=dt,xt=bt,Ct=st=Ue.size(t,R);if(qe=Ue.fill(t,R),Nt=Ue.stroke(t,R),xl)R==Yt&&zt<=Dt.prox&&
(M=gt,A=xt,U=Ct,ie=st,oe=it,X=qe,W=Nt);else{let Ke=mt[R];Ke!=null&&(kl[R]=gt,Tl[R]=xt,ci(Ke,Ct,st,it),ii(Ke,qe,Nt),Ot(Ke,St(gt),St(xt),q,E))}}}}if(xl){let R=Dt.
prox,we=ol==null?zt<=R:zt>R||Yt!=ol;if(pt||we){let xe=mt[0];xe!=null&&(kl[0]=M,Tl[0]=A,ci(xe,U,ie,oe),ii(xe,X,W),Ot(xe,St(M),St(A),q,E))}}}if(ge.show&&Ut)if(n!=
null){let[y,v]=Te.scales,[T,M]=Te.match,[A,U]=n.cursor.sync.scales,ie=n.cursor.drag;if(Re=ie._x,Ve=ie._y,Re||Ve){let{left:oe,top:X,width:W,height:R}=n.select,we=n.
scales[A].ori,xe=n.posToVal,Fe,ue,ke,ot,je,dt=y!=null&&T(y,A),bt=v!=null&&M(v,U);dt&&Re?(we==0?(Fe=oe,ue=W):(Fe=X,ue=R),ke=x[y],ot=N(xe(Fe,A),ke,m,0),je=N(xe(Fe+
ue,A),ke,m,0),tn(Mt(ot,je),Le(je-ot))):tn(0,m),bt&&Ve?(we==1?(Fe=oe,ue=W):(Fe=X,ue=R),ke=x[v],ot=G(xe(Fe,U),ke,S,0),je=G(xe(Fe+ue,U),ke,S,0),ln(Mt(ot,je),Le(je-
ot))):ln(0,S)}else go()}else{let y=Le(vs-ys),v=Le(bs-_s);if(k.ori==1){let U=y;y=v,v=U}Re=Ie.x&&y>=Ie.dist,Ve=Ie.y&&v>=Ie.dist;let T=Ie.uni;T!=null?Re&&Ve&&(Re=y>=
T,Ve=v>=T,!Re&&!Ve&&(v>y?Ve=!0:Re=!0)):Ie.x&&Ie.y&&(Re||Ve)&&(Re=Ve=!0);let M,A;Re&&(k.ori==0?(M=Pl,A=de):(M=Cl,A=ve),tn(Mt(M,A),Le(A-M)),Ve||ln(0,S)),Ve&&(k.ori==
1?(M=Pl,A=de):(M=Cl,A=ve),ln(Mt(M,A),Le(A-M)),Re||tn(0,m)),!Re&&!Ve&&(tn(0,0),ln(0,0))}if(Ie._x=Re,Ie._y=Ve,n==null){if(c){if(Rs!=null){let[y,v]=Te.scales;Te.values[0]=
y!=null?Pt(k.ori==0?de:ve,y):null,Te.values[1]=v!=null?Pt(k.ori==1?de:ve,v):null}on(Mo,t,de,ve,q,E,a)}if(bl){let y=c&&Te.setSeries,v=Dt.prox;ol==null?zt<=v&&Lt(
Yt,Ol,!0,y):zt>v?Lt(null,Ol,!0,y):Yt!=ol&&Lt(Yt,Ol,!0,y)}}pt&&(Q.idx=a,ho()),s!==!1&&ze("setCursor")}let jt=null;Object.defineProperty(t,"rect",{get(){return jt==
null&&nn(!1),jt}});function nn(n=!1){n?jt=null:(jt=P.getBoundingClientRect(),ze("syncRect",jt))}function Ts(n,s,c,a,u,m,S){O._lock||Ut&&n!=null&&n.movementX==0&&
n.movementY==0||(po(n,s,c,a,u,m,S,!1,n!=null),n!=null?sl(null,!0,!0):sl(s,!0,!1))}function po(n,s,c,a,u,m,S,y,v){if(jt==null&&nn(!1),ll(n),n!=null)c=n.clientX-jt.
left,a=n.clientY-jt.top;else{if(c<0||a<0){de=-10,ve=-10;return}let[T,M]=Te.scales,A=s.cursor.sync,[U,ie]=A.values,[oe,X]=A.scales,[W,R]=Te.match,we=s.axes[0].side%
2==1,xe=k.ori==0?q:E,Fe=k.ori==1?q:E,ue=we?m:u,ke=we?u:m,ot=we?a:c,je=we?c:a;if(oe!=null?c=W(T,oe)?h(U,x[T],xe,0):-10:c=xe*(ot/ue),X!=null?a=R(M,X)?h(ie,x[M],Fe,
0):-10:a=Fe*(je/ke),k.ori==1){let dt=c;c=a,a=dt}}v&&(s==null||s.cursor.event.type==Mo)&&((c<=1||c>=q-1)&&(c=ul(c,q)),(a<=1||a>=E-1)&&(a=ul(a,E))),y?(ys=c,_s=a,[
Pl,Cl]=O.move(t,c,a)):(de=c,ve=a)}let mo={width:0,height:0,left:0,top:0};function go(){Mn(mo,!1)}let Ms,Es,As,Ds;function Ls(n,s,c,a,u,m,S){Ut=!0,Re=Ve=Ie._x=Ie.
_y=!1,po(n,s,c,a,u,m,S,!0,!1),n!=null&&(Ye(Eo,Co,Ps,!1),on(Xs,t,Pl,Cl,q,E,null));let{left:y,top:v,width:T,height:M}=ge;Ms=y,Es=v,As=T,Ds=M}function Ps(n,s,c,a,u,m,S){
Ut=Ie._x=Ie._y=!1,po(n,s,c,a,u,m,S,!1,!0);let{left:y,top:v,width:T,height:M}=ge,A=T>0||M>0,U=Ms!=y||Es!=v||As!=T||Ds!=M;if(A&&U&&Mn(ge),Ie.setScale&&A&&U){let ie=y,
oe=T,X=v,W=M;if(k.ori==1&&(ie=v,oe=M,X=y,W=T),Re&&Bt(D,Pt(ie,D),Pt(ie+oe,D)),Ve)for(let R in x){let we=x[R];R!=D&&we.from==null&&we.min!=he&&Bt(R,Pt(X+W,R),Pt(X,
R))}go()}else O.lock&&(O._lock=!O._lock,sl(s,!0,n!=null));n!=null&&(yl(Eo,Co),on(Eo,t,de,ve,q,E,null))}function rc(n,s,c,a,u,m,S){if(O._lock)return;ll(n);let y=Ut;
if(Ut){let v=!0,T=!0,M=10,A,U;k.ori==0?(A=Re,U=Ve):(A=Ve,U=Re),A&&U&&(v=de<=M||de>=q-M,T=ve<=M||ve>=E-M),A&&v&&(de=de<Pl?0:q),U&&T&&(ve=ve<Cl?0:E),sl(null,!0,!0),
Ut=!1}de=-10,ve=-10,fe.fill(null),sl(null,!0,!0),y&&(Ut=y)}function Cs(n,s,c,a,u,m,S){O._lock||(ll(n),Zn(),go(),n!=null&&on(li,t,de,ve,q,E,null))}function Ns(){
$.forEach(cf),Jn(t.width,t.height,!0)}ml(On,Hl,Ns);let Rl={};Rl.mousedown=Ls,Rl.mousemove=Ts,Rl.mouseup=Ps,Rl.dblclick=Cs,Rl.setSeries=(n,s,c,a)=>{let u=Te.match[2];
c=u(t,s,c),c!=-1&&Lt(c,a,!0,!1)},Be&&(Ye(Xs,P,Ls),Ye(Mo,P,Ts),Ye(ei,P,n=>{ll(n),nn(!1)}),Ye(ti,P,rc),Ye(li,P,Cs),Ho.add(t),t.syncRect=nn);let En=t.hooks=e.hooks||
{};function ze(n,s,c){co?en.push([n,s,c]):n in En&&En[n].forEach(a=>{a.call(null,t,s,c)})}(e.plugins||[]).forEach(n=>{for(let s in n.hooks)En[s]=(En[s]||[]).concat(
n.hooks[s])});let Os=(n,s,c)=>c,Te=Me({key:null,setSeries:!1,filters:{pub:pi,sub:pi},scales:[D,b[1]?b[1].scale:null],match:[mi,mi,Os],values:[null,null]},O.sync);
Te.match.length==2&&Te.match.push(Os),O.sync=Te;let Rs=Te.key,wo=fr(Rs);function on(n,s,c,a,u,m,S){Te.filters.pub(n,s,c,a,u,m,S)&&wo.pub(n,s,c,a,u,m,S)}wo.sub(t);
function cc(n,s,c,a,u,m,S){Te.filters.sub(n,s,c,a,u,m,S)&&Rl[n](null,s,c,a,u,m,S)}t.pub=cc;function ac(){wo.unsub(t),Ho.delete(t),Zt.clear(),Ro(On,Hl,Ns),g.remove(),
ce?.remove(),ze("destroy")}t.destroy=ac;function So(){ze("init",e,l),us(l||e.data,!1),z[D]?ao(D,z[D]):Zn(),_n=ge.show&&(ge.width>0||ge.height>0),tl=pt=!0,Jn(e.width,
e.height)}return b.forEach(as),$.forEach(Wr),o?o instanceof HTMLElement?(o.appendChild(g),So()):o(t,So):So(),t}Pe.assign=Me;Pe.fmtNum=jo;Pe.rangeNum=Rn;Pe.rangeLog=
Fn;Pe.rangeAsinh=Bo;Pe.orient=gl;Pe.pxRatio=re;Pe.join=Qc;Pe.fmtDate=Ko,Pe.tzDate=aa;Pe.sync=fr;{Pe.addGap=Ba,Pe.clipGaps=Wn;let e=Pe.paths={points:gr};e.linear=
Sr,e.stepped=qa,e.bars=Ka,e.spline=Za}var br=260,gn=null,ls=null,Bn=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim(),af=e=>l=>{let o=e.findIndex(([,i])=>i!=="final");if(o<0)return;
let t=l.valToPos(l.data[0][o],"x",!0);l.ctx.save(),l.ctx.fillStyle=Bn("--wash"),l.ctx.fillRect(t,l.bbox.top,l.bbox.left+l.bbox.width-t,l.bbox.height),l.ctx.restore()};
function ns(e,l){ls=[e,l];let o=j("chart");if(gn&&gn.destroy(),o.replaceChildren(),!e.length)return;let t={stroke:Bn("--soft"),grid:{stroke:Bn("--line"),width:1},
ticks:{show:!1},font:"12px system-ui"};gn=new Pe({width:o.clientWidth,height:br,tzDate:i=>Pe.tzDate(new Date(i*1e3),"UTC"),padding:[12,8,0,0],cursor:{points:{size:7},
drag:{x:!1,y:!1}},legend:{show:!1},scales:{y:{range:(i,r,f)=>{let[h,p]=[Math.min(0,r??0),Math.max(0,f??0)];return h===p?[0,1]:Pe.rangeNum(h,p,{min:{pad:.05,soft:0,
mode:1},max:{pad:.08,soft:0,mode:1}})}}},axes:[{...t,grid:{show:!1}},{...t,size:62,values:(i,r)=>r.map($s)}],series:[{},...l.map(([i,r,,f])=>({label:i,stroke:Bn(
r),width:f?1.25:2,dash:f?[3,4]:void 0,points:{show:e.length<3}}))],hooks:{drawClear:[af(e)]}},[e.map(([i])=>Hs(i)),...l.map(([,,i])=>i)],o)}function os(){ls&&ns(
...ls)}new ResizeObserver(()=>{gn&&gn.setSize({width:j("chart").clientWidth,height:br})}).observe(j("chart"));matchMedia("(prefers-color-scheme: dark)").addEventListener(
"change",os);var xr=15*6e4,kr=6e4,Tr=12,ft=null,Ce={},is=null,Kl=null,Ar="money",Yn="channel",Jl=0;async function Dr(e,l){let o=await fetch(e+(l?"?"+new URLSearchParams(l):""),
{headers:{Accept:"application/json"}});if(o.status===401)throw location.assign("/login"),new Error("sign in first");let t=await o.json().catch(()=>({error:`the \
server answered ${o.status}`}));if(!o.ok)throw new Error(t.error);return t}function wn(e){j("trouble").hidden=!e,j("trouble").textContent=e?`Not everything can \
be shown: ${e}.`:""}async function ql(e,l,o,t,i){j(l).classList.add("busy");try{let r=await Dr(o,t);e===Jl&&i(r)}catch(r){if(e!==Jl)return;wn(r instanceof TypeError?
"the aggregator does not answer":r.message)}finally{e===Jl&&j(l).classList.remove("busy")}}async function ff(){let e=++Jl,{site:l,from:o,to:t,model:i,basis:r}=Ce,
f={site:l,from:o,to:t};wn(""),j("csv").href="/api/campaigns.csv?"+new URLSearchParams({...f,model:i,basis:r}),history.replaceState(null,"","#"+new URLSearchParams(
Ce)),await Promise.all([ql(e,"cards","/api/overview",{...f,model:i,basis:r},mf),ql(e,"campaigns","/api/campaigns",{...f,model:i,basis:r},Us)]),e===Jl&&(performance.
mark("shown"),await ql(e,"models","/api/models",{...f,basis:r},h=>{Kl=h,Cr()}),await ql(e,"paths","/api/paths",f,gf),await ql(e,"quality","/api/quality",f,Sf),await ql(
e,"experiments","/api/experiments",f,wf),e===Jl&&performance.mark("whole"))}var uf=[["cost","Spend",Je,0],["net_revenue","Net revenue",Je,1],["roas","ROAS",An,1],
["roi","ROI",cl,1],["cpa","CPA",Je,-1],["conversions","Conversions",He,1]],hf=new Set(["cost","net_revenue","cpa"]);function pf(e,l,o){if(!qt(e)||!qt(l))return C(
"span",{},"nothing before");let t=e-l;if(t===0)return C("span",{},"as before");let i=`${t>0?"\u25B2":"\u25BC"} ${l>0?cl(Math.abs(t)/l):""}`;return C("span",{class:(t>
0?"up":"down")+(o===0?"":t*o>0?" good":" bad")},C("span",{role:"img","aria-label":(t>0?"up ":"down ")+(l>0?cl(Math.abs(t)/l):"")},i))}function Lr(e){let l=e?.now||
{},o=e?.before||{};Ge(j("cards"),...uf.map(([t,i,r,f])=>C("div",{},C("dt",{},i+(hf.has(t)&&e?.currency?`, ${e.currency}`:"")),C("dd",{class:"value"},r(l[t])),C(
"dd",{},e?pf(l[t],o[t],f):""),C("dd",{},e&&qt(o[t])?`from ${r(o[t])}`:""))))}function mf(e){is=e,Lr(e),j("span").textContent=`${Vl(e.from)} to ${Vl(e.to)}, agai\
nst ${Vl(e.before_from)} to ${Vl(e.before_to)}.`;let l=o=>e.days.filter(t=>t[1]===o).length;j("settled").replaceChildren(C("span",{class:"chip"},`${l("open")} o\
pen`)," ",C("span",{class:"chip"},`${l("provisional")} provisional`)," ",C("span",{class:"chip"},`${l("final")} final`)," days. Open: hits may still be on their\
 way. Provisional (on a tint): late conversions and refunds may still change them."),Pr()}var df={money:[["Net revenue","--in",4],["Spend","--out",5],["Net reve\
nue before","--in",6,!0]],conversions:[["Conversions","--in",3],["Conversions before","--in",8,!0]],visits:[["Visits","--in",2],["Visits before","--in",9,!0]]};
function Pr(){let e=df[Ar],l=is.days;ns(l,e.map(([o,t,i,r])=>[o,t,l.map(f=>f[i]),r])),Ge(j("legend"),...e.map(([o,t,,i])=>C("span",{class:`key ${t.slice(2)}${i?
" old":""}`},C("span",{},o)))),Ge(j("days"),rl("Numbers of each day",[$e("Day"),$e("Status",{class:"text"}),$e("Visits"),$e("Conversions"),$e("Net revenue"),$e(
"Spend"),$e("Net revenue before")],[...l].reverse().map(o=>C("tr",{},C("th",{scope:"row"},Vl(o[0])),tt(o[1],{class:"text"}),tt(He(o[2])),tt(He(o[3])),tt(Je(o[4])),
tt(Je(o[5])),tt(Je(o[6]))))))}var qn=e=>e.replace(/_/g," ");function Cr(){let e=Kl.rows.filter(r=>Yn==="channel"==(r[1]===null)),l=ft.models.map(r=>r.model).filter(
r=>Kl.rows.some(f=>f[5]?.[r]));if(!e.length||!l.length){Ge(j("models"),C("p",{class:"empty"},"No credited conversions in these days."));return}let o=(r,f)=>r[5]?.[f]?.[0]??
0,t=[$e(Yn==="channel"?"Channel":"Campaign"),$e("Spend"),...l.map(r=>$e(qn(r)+(r===Ce.model?" \u2713":"")))],i=e.map(r=>C("tr",{},C("th",{scope:"row"},Ft(r[3]??
r[0]),r[1]!==null?C("small",{},Ft(`${r[1]} / ${r[2]}`)):""),tt(Je(r[4])),...l.map(f=>{let h=o(r,f)-o(r,Ce.model);return C("td",{},Je(o(r,f)),C("small",{},f===Ce.
model?"chosen":Math.abs(h)<.005?"\xB10":(h>0?"+":"\u2212")+Je(Math.abs(h))))})));Ge(j("models"),rl("Net revenue by attribution model",t,i),Kl.left_out&&Yn==="ca\
mpaign"?C("p",{class:"soft"},`${He(Kl.left_out)} campaigns with less are left out.`):"")}function gf(e){if(j("paths-note").textContent=e.conversions?`${He(e.different)}\
 different paths before ${e.cut?"the latest ":""}${He(e.conversions)} conversions${e.paths.length<e.different?`; the ${e.paths.length} most travelled`:""}.`:"",
!e.paths.length){Ge(j("paths"),C("p",{class:"empty"},"No conversions in these days."));return}let l=e.paths[0][1],o=(i,r)=>rl(i,[$e("Path"),$e("Conversions"),$e(
"Share"),$e("Net revenue")],r.map(([f,h,p])=>C("tr",{},C("th",{scope:"row"},f===null?"(no touch)":Ft(f)),tt(He(h)),tt(C("meter",{min:0,max:l,value:h,"aria-label":cl(
h/e.conversions)})),tt(Je(p))))),t=e.paths.slice(Tr);Ge(j("paths"),o("Paths",e.paths.slice(0,Tr)),t.length?C("details",{},C("summary",{},`${t.length} more`),o("\
More paths",t)):"")}function Nr(e,l,o){let t=[...new Set(o.flatMap(r=>Object.keys(r)))].filter(r=>r!=="site"),i=r=>r==null?"\u2013":typeof r=="number"?Number.isInteger(
r)?He(r):String(+r.toPrecision(4)):typeof r=="object"?JSON.stringify(r):Ft(String(r));Ge(j(e),rl(l,t.map(r=>$e(qn(r))),o.map(r=>C("tr",{},...t.map((f,h)=>h?tt(i(
r[f]),{class:typeof r[f]=="number"?null:"text"}):C("th",{scope:"row"},i(r[f])))))))}function wf(e){e.rows.length?Nr("experiments","Experiments",e.rows):Ge(j("ex\
periments"),C("p",{class:"empty"},"No experiment has been seen on this site."))}function Sf(e){let l=r=>r>1e3?"more than 1,000":He(r),o=(r,f,h)=>C("li",{class:r},
C("b",{},f),C("p",{},h)),t=(r,f,h)=>o(r?"warn":"ok",r?`${l(r)} ${f} wait`:`No ${f} wait`,r?h:"All of them are counted."),i=e.dead_letters.reduce((r,[,f])=>r+f,0);
Ge(j("quality"),e.roi_check===null?o("ok","Sums","Added up all the time; see the metric afterclick_roi_check_rows."):o(e.roi_check?"fail":"ok",e.roi_check?`${l(
e.roi_check)} sums do not agree`:"All sums agree",e.roi_check?"See the view roi_check: this is a bug or a hand in the tables.":"Campaigns add up to conversions,\
 cells to credits."),t(e.waiting_conversions,"conversions","Their currency has no rate: afterclick import-fx."),t(e.waiting_costs,"costs","Their currency has no\
 rate: afterclick import-fx. Sums with them are not shown."),t(e.waiting_refunds,"refunds","Their order is not known yet: see the view waiting_refunds."),o(i?"w\
arn":"ok",i?`${He(i)} records could not be used`:"Every record could be used",i?e.dead_letters.map(([r,f])=>`${f} \xD7 ${r}`).join("; "):"There are no dead lett\
ers."),o("ok",e.restated?`${l(e.restated)} changes of final days`:"No final day changed",e.restated?"When and why: see the view restatements.":"What was reporte\
d as final still holds."),...(e.alarms||[]).map(r=>o("warn","Alarm",r))),e.days?.length?Nr("quality-days","Data quality by day",e.days):Ge(j("quality-days"))}var jn=()=>ft.
sites.find(e=>e.site===Ce.site)?.today||new Date().toISOString().slice(0,10);function yf(){let e=j("fresh"),l=ft.read_until?Date.parse(ft.now)-Date.parse(ft.read_until):
null;e.className="fresh "+(l!==null&&l<xr?"good":"bad"),e.textContent=l===null?"Some partitions have had no hit yet":l<xr?`Up to date, ${xo(l)} behind`:`Hits ar\
e read up to ${xo(l)} ago`}function _f(){for(let o of["site","from","to","model","basis"])j(o).value=Ce[o];let e=Math.round((Date.parse(Ce.to)-Date.parse(Ce.from))/
864e5)+1;for(let o of document.querySelectorAll("[data-days]"))o.setAttribute("aria-pressed",String(+o.dataset.days===e&&Ce.to===jn()));let l=ft.models.find(o=>o.
model===Ce.model);j("summary").textContent=`Net revenue by each model, and how it differs from ${qn(Ce.model)}: ${l?.summary||""}.`}function ss(e){Ce={...Ce,...e},
_f(),Ce.from&&Ce.to&&Ce.from<=Ce.to?ff():wn("the first day is after the last")}function Mr(e,l,o){for(let t of document.querySelectorAll(`[${l}]`))t.addEventListener(
"click",()=>{for(let i of j(e).children)i.setAttribute("aria-pressed",String(i===t));o(t.getAttribute(l))})}function vf(){let e=["auto","light","dark"],l=t=>{t===
"auto"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=t,j("theme").textContent=`Theme: ${t}`,os()},o=localStorage.getItem(
"theme");e.includes(o)||(o="auto"),l(o),j("theme").addEventListener("click",()=>{o=e[(e.indexOf(o)+1)%3],localStorage.setItem("theme",o),l(o)})}async function Er(){
try{return ft=await Dr("/api/about"),yf(),!0}catch(e){return wn(e instanceof TypeError?"the aggregator does not answer":e.message),j("fresh").className="fresh b\
ad",j("fresh").textContent="How fresh this is, is not known",!1}}async function bf(){if(Lr(null),vf(),Ks(),!await Er()){setTimeout(()=>location.reload(),kr/6);return}
if(setInterval(Er,kr),!ft.sites.length){wn("there is no site yet; afterclick migrate writes them into the tables");return}let e=Object.fromEntries(new URLSearchParams(
location.hash.slice(1))),l=t=>/^\d{4}-\d\d-\d\d$/.test(t||"")?t:null;Ce.site=ft.sites.some(t=>t.site===e.site)?e.site:ft.sites[0].site,Ge(j("site"),...ft.sites.
map(t=>C("option",{value:t.site},t.site))),Ge(j("model"),...ft.models.map(t=>C("option",{value:t.model},qn(t.model))));let o=l(e.to)||jn();ss({from:l(e.from)||bo(
o,-29),to:o,basis:e.basis==="touch"?"touch":"conversion",model:ft.models.some(t=>t.model===e.model)?e.model:"last_touch"});for(let t of["site","from","to","mode\
l","basis"])j(t).addEventListener("change",i=>ss({[t]:i.target.value}));for(let t of document.querySelectorAll("[data-days]"))t.addEventListener("click",()=>ss(
{from:bo(jn(),1-t.dataset.days),to:jn()}));j("choice").addEventListener("submit",t=>t.preventDefault()),Mr("series","data-series",t=>{Ar=t,is&&Pr()}),Mr("level",
"data-level",t=>{Yn=t,Kl&&Cr()})}bf();})();
